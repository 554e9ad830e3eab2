/** How long a client of the fast lane is silent, and how long the head that it has begun takes. */
export class LaneClock {
  #heardAt = performance.now();
  #headTimer: NodeJS.Timeout | undefined;

  /** When it came, was last heard of, or came back; `performance.now()`. */
  get heardAt(): number {
    return this.#heardAt;
  }

  heard(): void {
    this.#heardAt = performance.now();
  }

  /** A head has begun; the time that it may take is counted once. */
  awaitHead(mostMs: number, onLate: () => void): void {
    this.#headTimer ??= setTimeout(onLate, mostMs);
  }

  headCame(): void {
    if (this.#headTimer === undefined) return;
    clearTimeout(this.#headTimer);
    this.#headTimer = undefined;
  }

  /** Has nothing been asked for so long? A head that takes its time has a timer of its own. */
  isSilent(mostMs: number, now: number): boolean {
    return this.#headTimer === undefined && now - this.#heardAt >= mostMs;
  }
}
