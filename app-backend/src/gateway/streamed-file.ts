import { type ReadStream, read } from 'node:fs';
import { promisify } from 'node:util';
import type { FileSource } from './file-source.ts';

const readFrom = promisify(read);

/** The file under a `fs.ReadStream`, read in place of the stream. What the stream was told of `start` and `end` holds. */
export class StreamedFile {
  readonly #stream: ReadStream;
  #last: Promise<unknown> = Promise.resolve();

  constructor(stream: ReadStream) {
    this.#stream = stream;
  }

  /** Has nobody read from the stream yet, so that the file stands where the stream would begin? */
  get isUntouched(): boolean {
    const { readableFlowing, readableLength, bytesRead, destroyed } = this.#stream;
    return readableFlowing === null && readableLength === 0 && bytesRead === 0 && !destroyed;
  }

  /** Rejects as opening it did. */
  async source(): Promise<FileSource> {
    const fd = await this.#descriptor();
    const { start, end } = this.#stream as { readonly start?: unknown; readonly end?: unknown };
    // Without a start the system knows where it stands.
    let position = typeof start === 'number' ? start : undefined;
    let left = typeof end === 'number' ? end - (position ?? 0) + 1 : Number.POSITIVE_INFINITY;
    const next = async (buffer: Buffer, offset: number, length: number) => {
      const { bytesRead } = await readFrom(fd, buffer, offset, Math.max(0, Math.min(length, left)), position ?? null);
      left -= bytesRead;
      if (position !== undefined) position += bytesRead;
      return { bytesRead };
    };
    return {
      file: { read: (buffer, offset, size) => this.#kept(next(buffer, offset, size)) },
      first: 0,
      length: undefined,
    };
  }

  /** Not before the last read is over: the number of a closed file is soon that of another one. */
  async close(): Promise<void> {
    await this.#last;
    this.#stream.destroy();
  }

  #kept<T>(reading: Promise<T>): Promise<T> {
    this.#last = reading.catch(() => undefined);
    return reading;
  }

  async #descriptor(): Promise<number> {
    const { fd } = this.#stream as { readonly fd?: unknown };
    if (typeof fd === 'number') return fd;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#stream.once('open', resolve).once('error', reject);
    return await promise;
  }
}
