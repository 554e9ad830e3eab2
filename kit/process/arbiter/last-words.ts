/** The end of what a process wrote to its standard error. */

const mostBytes = 4 * 1024;
const newline = 10;

export class LastWords {
  #kept: Buffer = Buffer.alloc(0);

  add(chunk: Buffer): void {
    const all = chunk.length >= mostBytes ? chunk : Buffer.concat([this.#kept, chunk]);
    // A copy: what is kept must not keep the chunk that it came in.
    this.#kept = all.length > mostBytes ? Buffer.from(all.subarray(-mostBytes)) : all;
  }

  /** The lines of the last 4 KiB; of the first, if it was cut, what is left. */
  get lines(): readonly string[] {
    const text = this.#kept.at(-1) === newline ? this.#kept.subarray(0, -1) : this.#kept;
    return text.length === 0 ? [] : text.toString().split('\n');
  }
}
