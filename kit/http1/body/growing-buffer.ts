const nothing = Buffer.alloc(0);

/** Bytes that come piece by piece, in one buffer. However small the pieces, it takes up at most twice what they are. */
export class GrowingBuffer {
  #bytes: Buffer = nothing;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Keeps `chunk` itself as long as it is the only one. */
  add(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (this.#length === 0) this.#bytes = chunk;
    else {
      if (length > this.#bytes.length) this.#grow(Math.max(length, 2 * this.#length));
      chunk.copy(this.#bytes, this.#length);
    }
    this.#length = length;
  }

  /** All that came; it is not kept any longer. */
  take(): Buffer {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#bytes = nothing;
    this.#length = 0;
    return bytes;
  }

  #grow(capacity: number): void {
    const larger = Buffer.allocUnsafeSlow(capacity);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
