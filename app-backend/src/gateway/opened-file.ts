import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { FileLike } from '../wsgi.ts';
import type { FileSource } from './file-source.ts';

/** A file that is open for reading and knows where it stands: what `wsgi.file_wrapper` takes, and servers read themselves. */
export class OpenedFile implements FileLike, AsyncDisposable {
  readonly path: string;
  /** Bytes, when it was opened. */
  readonly size: number;
  /** Milliseconds since the epoch, when it was opened. */
  readonly lastModified: number;
  readonly #handle: FileHandle;
  #position = 0;

  constructor(path: string, handle: FileHandle, facts: { readonly size: number; readonly mtimeMs: number }) {
    this.path = path;
    this.size = facts.size;
    this.lastModified = facts.mtimeMs;
    this.#handle = handle;
  }

  /** Where the next byte is read from. */
  get position(): number {
    return this.#position;
  }

  /** The next byte to read is that at `position`, counted from the beginning of the file. */
  seek(position: number): void {
    if (!Number.isSafeInteger(position) || position < 0) throw new RangeError(`${position} is no position in a file`);
    this.#position = position;
  }

  /** Up to `size` bytes from where it stands; none at the end. */
  async read(size: number): Promise<Uint8Array> {
    const { buffer, bytesRead } = await this.#handle.read(Buffer.allocUnsafe(size), 0, size, this.#position);
    this.#position += bytesRead;
    return buffer.subarray(0, bytesRead);
  }

  /** What is left of it, for who reads it in place of `read`. */
  get source(): FileSource {
    return { file: this.#handle, first: this.#position, length: Math.max(0, this.size - this.#position) };
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

// A FIFO must not hold the exchange until somebody writes to it.
const flags = constants.O_RDONLY | constants.O_NONBLOCK;

/** Opens a file for `wsgi.file_wrapper`. Rejects as the system does (ENOENT, EACCES), and for what is no regular file. */
export async function openFile(path: string): Promise<OpenedFile> {
  const handle = await open(path, flags);
  let file: OpenedFile | undefined;
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw new Error(`${path} is not a regular file`);
    file = new OpenedFile(path, handle, facts);
    return file;
  } finally {
    if (file === undefined) await handle.close();
  }
}
