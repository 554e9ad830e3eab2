/** A file that lines are appended to, by this process and by others at once, and that somebody may move away meanwhile. */
import { close, constants, openSync, write, writeSync } from 'node:fs';
import type { LineOutlet, Taken } from './line-writer.ts';
import { StartProblem } from './load-file.ts';

const BATCH = 16_384;
const RETRY_MS = 50;
const LINE_FEED = Buffer.from('\n');
/** A named pipe that nobody reads is refused, not waited for. Each write goes to the end as a whole (POSIX, O_APPEND). */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const MODE = 0o640;

/** Opens the file, for a moment, to say what would keep a log from it. @throws StartProblem */
export function tryLogFile(path: string): void {
  if (path !== '') close(openFile(path), () => undefined);
}

/** An outlet. What the disk does not take is lost, and counted by the writer; a later line may find room again. */
export class LogFile implements LineOutlet {
  readonly batch = BATCH;
  readonly #path: string;
  #descriptor: number;
  #isWriting = false;
  /** Was moved away, and is still being written to. */
  #former: number | undefined;
  /** The last write ended inside a line. */
  #isTorn = false;

  /** @throws StartProblem when the file cannot be opened */
  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openFile(path);
  }

  write(bytes: Buffer, done: (taken: Taken) => void): void {
    this.#isWriting = true;
    const whole = this.#isTorn ? Buffer.concat([LINE_FEED, bytes]) : bytes;
    this.#writeOn(this.#descriptor, whole, 0, (taken) => {
      this.#isWriting = false;
      if (taken === 'taken') this.#isTorn = false;
      this.#closeFormer();
      done(taken);
    });
  }

  writeNow(bytes: Buffer): void {
    let at = 0;
    try {
      while (at < bytes.length) at += writeSync(this.#descriptor, bytes, at);
    } catch (error) {
      // Nobody takes it: the process ends without.
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }

  /** Goes on in the file that has the name now; what is being written stays in the one before. @throws StartProblem */
  reopen(): void {
    const before = this.#descriptor;
    this.#descriptor = openFile(this.#path);
    this.#isTorn = false;
    // A second reopening during one write: the one between has had nothing.
    if (this.#former !== undefined) close(before, () => undefined);
    else this.#former = before;
    if (!this.#isWriting) this.#closeFormer();
  }

  #writeOn(descriptor: number, bytes: Buffer, from: number, done: (taken: Taken) => void): void {
    write(descriptor, bytes, from, bytes.length - from, null, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.#writeOn(descriptor, bytes, from, done), RETRY_MS);
      else if (error) {
        if (descriptor === this.#descriptor) this.#isTorn ||= from > 0;
        done('failed');
      } else if (from + written < bytes.length) this.#writeOn(descriptor, bytes, from + written, done);
      else done('taken');
    });
  }

  #closeFormer(): void {
    if (this.#former !== undefined) close(this.#former, () => undefined);
    this.#former = undefined;
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, FLAGS, MODE);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StartProblem(`LOG_FILE: the log cannot be written there: ${why}`, { cause });
  }
}
