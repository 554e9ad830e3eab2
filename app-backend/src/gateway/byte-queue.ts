/**
 * Bytes that were received and not yet read, in one growing buffer. Not a list of chunks: a client that sends a long line
 * as chunks of one byte would make every search through such a list longer than the one before.
 */
export class ByteQueue {
  #bytes = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  push(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** The first `size` bytes, or as many as there are, as a copy of their own. */
  take(size: number): Buffer {
    const end = Math.min(this.#end, this.#start + size);
    const taken = Buffer.from(this.#bytes.subarray(this.#start, end));
    this.#start = end;
    if (this.#start === this.#end) this.#start = this.#end = 0;
    return taken;
  }

  /** How long the first line is, its line feed counted; undefined when there is none from `searched` on. */
  lineLength(searched: number): number | undefined {
    const at = this.#bytes.subarray(this.#start + searched, this.#end).indexOf(0x0a);
    return at < 0 ? undefined : searched + at + 1;
  }

  #makeRoom(more: number): void {
    const kept = this.#bytes.subarray(this.#start, this.#end);
    const needed = kept.length + more;
    // Moving the rest to the front is enough when half of the buffer has been read.
    const isRoomy = needed * 2 <= this.#bytes.length;
    const target = isRoomy ? this.#bytes : Buffer.allocUnsafe(Math.max(needed * 2, 1024));
    target.set(kept, 0);
    this.#bytes = target;
    this.#start = 0;
    this.#end = kept.length;
  }
}
