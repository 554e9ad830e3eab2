/**
 * Follows the frames of a WebSocket as they pass (RFC 6455 §5.2), to know when the stream stands between two of them:
 * only there may a hop that is no endpoint slip in a frame of its own. It reads lengths, keeps no payload, and takes
 * any bytes without complaint.
 */
export class FrameBoundary {
  /** The head being read: two bytes, up to eight of length, four of mask. */
  readonly #head = Buffer.alloc(14);
  #headBytes = 0;
  #payloadLeft = 0;

  get isBetweenFrames(): boolean {
    return this.#headBytes === 0 && this.#payloadLeft === 0;
  }

  pass(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const step = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= step;
        at += step;
      } else {
        this.#headByte(chunk[at] ?? 0);
        at += 1;
      }
    }
  }

  #headByte(byte: number): void {
    this.#head[this.#headBytes] = byte;
    this.#headBytes += 1;
    const [, second = 0] = this.#head;
    const short = second & 0x7f;
    const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
    const maskBytes = second & 0x80 ? 4 : 0;
    if (this.#headBytes < 2 || this.#headBytes < 2 + lengthBytes + maskBytes) return;
    this.#payloadLeft = lengthBytes === 0 ? short : this.#longLength(lengthBytes);
    this.#headBytes = 0;
  }

  #longLength(lengthBytes: number): number {
    if (lengthBytes === 2) return this.#head.readUInt16BE(2);
    return this.#head.readUInt32BE(2) * 2 ** 32 + this.#head.readUInt32BE(6);
  }
}

/** A Close frame from a server, status 1001: the endpoint is going away (RFC 6455 §5.5.1, §7.4.1). */
export const goingAway: Uint8Array = Uint8Array.of(0x88, 0x02, 0x03, 0xe9);
