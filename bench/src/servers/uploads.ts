/** Finds the ends of requests that have a Content-Length, however they come in parts. */
export class Uploads {
  /** Of a head that is not whole. */
  #held = '';
  /** Bytes of the body that are still to come; undefined in a head. */
  #left: number | undefined;

  /** How many requests end in these bytes (latin-1). */
  wholeIn(bytes: string): number {
    let whole = 0;
    let rest = bytes;
    for (;;) {
      rest = this.#head(rest);
      if (this.#left === undefined) return whole;
      const taken = Math.min(this.#left, rest.length);
      this.#left -= taken;
      if (this.#left > 0) return whole;
      this.#left = undefined;
      whole += 1;
      rest = rest.slice(taken);
    }
  }

  /** Reads on in a head, if it is in one; returns what is behind it. */
  #head(bytes: string): string {
    if (this.#left !== undefined) return bytes;
    const text = this.#held + bytes;
    const end = text.indexOf('\r\n\r\n');
    this.#held = end < 0 ? text : '';
    if (end < 0) return '';
    this.#left = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
    return text.slice(end + 4);
  }
}
