import type { Readable } from '@trivet/kit/files/stream-file.ts';

/** A file in memory that notes what was asked of it. */
export class MemoryFile implements Readable {
  readonly asked: (readonly [at: number, bytes: number])[] = [];
  closed = 0;
  readonly #content: Buffer;
  readonly #onRead: (at: number) => void;

  /** `onRead` is called before each read. */
  constructor(content: Buffer, onRead: (at: number) => void = () => undefined) {
    this.#content = content;
    this.#onRead = onRead;
  }

  async read<B extends NodeJS.ArrayBufferView>(buffer: B, offset: number, length: number, position: number) {
    this.#onRead(position);
    this.asked.push([position, length]);
    const target = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    const piece = this.#content.subarray(position, position + length);
    target.set(piece, offset);
    return { bytesRead: piece.length, buffer };
  }

  async close(): Promise<void> {
    this.closed += 1;
  }
}
