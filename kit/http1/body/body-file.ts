/** A request body on the disk. */
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { Fault } from '../../semantics/fault.ts';
import type { HeldBody } from './held-body.ts';
import type { Room } from './room.ts';
import { codeOf } from './temp-folder.ts';

const READ_BYTES = 64 * 1024;

/** What the disk refused to keep, as a fault: 507 where it is full, RFC 4918 §11.5. */
export function storageFault(cause: unknown): Fault {
  const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(cause) ?? '');
  const message = isFull ? 'there is no room for the request body' : 'the request body could not be kept';
  return new Fault('body-storage', message, { cause, ...(isFull && { status: 507 }) });
}

/** Appends to a file, and gives the whole of it as often as it is asked for. */
export class BodyFile implements HeldBody, AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #disk: Room;
  #length = 0;
  #taken = 0;

  /** `disk` is shared with the others. */
  constructor(handle: FileHandle, disk: Room) {
    this.#handle = handle;
    this.#disk = disk;
  }

  get length(): number {
    return this.#length;
  }

  /** One at a time. @throws the error of the disk, or EDQUOT beyond what bodies may have of it. */
  async append(bytes: Buffer): Promise<void> {
    if (!this.#disk.take(bytes.length))
      throw Object.assign(new Error('request bodies have all the disk that is theirs'), { code: 'EDQUOT' });
    this.#taken += bytes.length;
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#length);
      done += bytesWritten;
      this.#length += bytesWritten;
    }
  }

  open(): Readable {
    const handle = this.#handle;
    const length = this.#length;
    let at = 0;
    const feed = new Readable({
      highWaterMark: READ_BYTES,
      read() {
        if (at === length) return void this.push(null);
        const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, length - at));
        handle.read(buffer, 0, buffer.length, at).then(
          ({ bytesRead }) => {
            at += bytesRead;
            if (bytesRead > 0) this.push(buffer.subarray(0, bytesRead));
            else this.destroy(storageFault(new Error('the file of the body is shorter than the body')));
          },
          (error) => void this.destroy(storageFault(error)),
        );
      },
    });
    // The fault reaches the exchange through the sender; after that nobody may be left to listen.
    return feed.on('error', () => undefined);
  }

  // What closing may complain of is lost anyway: nobody has a name for the file.
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disk.giveBack(this.#taken);
    this.#taken = 0;
    await this.#handle.close().catch(() => undefined);
  }
}
