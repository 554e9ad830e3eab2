/** The bytes of files in memory, each once however many paths lead to them. */
export class Bodies {
  readonly #held = new Map<string, { readonly body: Buffer; uses: number }>();
  #bytes = 0;

  /** Of all bodies that are held. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Buffer | undefined {
    return this.#held.get(key)?.body;
  }

  /** One more answer uses this body. */
  hold(key: string, body: Buffer): void {
    const held = this.#held.get(key);
    if (held !== undefined) {
      held.uses++;
      return;
    }
    this.#held.set(key, { body, uses: 1 });
    this.#bytes += body.length;
  }

  /** One answer less; what nobody uses is left to the collector, when the last write of it is over. */
  release(key: string): void {
    const held = this.#held.get(key);
    if (held === undefined || --held.uses > 0) return;
    this.#held.delete(key);
    this.#bytes -= held.body.length;
  }
}
