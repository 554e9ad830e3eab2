/** One open file and all who read from it: closed when it has been let go and the last of them is done. */
import { fstatSync } from 'node:fs';
import { type Handle, isSameVersion, type OpenFile } from './opened.ts';

export class SharedHandle {
  readonly #file: OpenFile;
  readonly #onFailure: () => void;
  #users = 0;
  #isKept = true;
  #isClosed = false;
  /** When its name was last known to lead to it, by the clock of whoever keeps it. */
  seenAt: number;
  /** The look at its name that is under way. */
  look: Promise<boolean> | undefined;

  /** `onFailure` hears of a close that the system refused: nobody else is there to hear of it. */
  constructor(file: OpenFile, seenAt: number, onFailure: () => void) {
    this.#file = file;
    this.seenAt = seenAt;
    this.#onFailure = onFailure;
  }

  get real(): string {
    return this.#file.real;
  }

  get version(): OpenFile['version'] {
    return this.#file.version;
  }

  /**
   * The file for one more reader; undefined when it is not what it was. Asked of the open file itself, which costs no trip
   * to the thread pool: what was written, renamed over or deleted is seen at once.
   */
  share(): OpenFile | undefined {
    if (this.#isClosed || !this.#isKept) return undefined;
    const { handle, real, version } = this.#file;
    if (!isStill(version, handle)) return undefined;
    this.#users++;
    return { handle: this.#forOne(handle), real, version };
  }

  /** Nobody new will read from it. */
  letGo(): void {
    this.#isKept = false;
    this.#closeIfUnused();
  }

  #forOne(handle: Handle): Handle {
    let isMine = true;
    return {
      fd: handle.fd,
      read: (buffer, offset, length, position) => handle.read(buffer, offset, length, position),
      stat: (options) => handle.stat(options),
      close: () => {
        if (isMine) this.#users--;
        isMine = false;
        this.#closeIfUnused();
        return done;
      },
    };
  }

  #closeIfUnused(): void {
    if (this.#isKept || this.#users > 0 || this.#isClosed) return;
    this.#isClosed = true;
    this.#file.handle.close().catch(this.#onFailure);
  }
}

const done = Promise.resolve();

// Of a file that was replaced on a server of files, the system may only say that the handle is stale.
function isStill(version: OpenFile['version'], { fd }: Handle): boolean {
  try {
    return isSameVersion(version, fstatSync(fd, { bigint: true }));
  } catch {
    return false;
  }
}
