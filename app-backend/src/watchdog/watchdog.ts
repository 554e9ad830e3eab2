/**
 * A thread that watches the event loop of its process. An application that computes without end, or waits in a call that
 * does not return, takes the whole process with it; the supervisor could only kill it, and its clients would see their
 * connections break. The thread is still there: it says where the code stands, answers 504 to whoever waits, and ends
 * the process. What Gunicorn's `timeout` is, with the answer that it lacks. It also sees when the supervisor is gone: nobody
 * else could end a process that hangs then, and that does not hear of it.
 */
import { Worker } from 'node:worker_threads';
import { Board } from './board.ts';

/** Rounds in the time that the event loop may stand still: where the whole machine was halted, that was one of them. */
const rounds = 10;

export type WatchdogOptions = {
  /** How long the event loop may stand still, once this is armed, and a tenth more at the most; 0: for ever. */
  readonly timeoutMs: number;
  /** And when the parent is gone, from then on, armed or not: no longer than that, and this. */
  readonly orphanMs: number;
};

/** What the thread is given. */
export type Watch = WatchdogOptions & {
  readonly shared: SharedArrayBuffer;
  /** Between two looks. */
  readonly roundMs: number;
  readonly parent: number;
};

export class Watchdog implements AsyncDisposable {
  readonly #board = new Board();
  readonly #thread: Worker;
  readonly #timer: NodeJS.Timeout;

  constructor({ timeoutMs, orphanMs: longestMs }: WatchdogOptions) {
    const orphanMs = timeoutMs === 0 ? longestMs : Math.min(longestMs, timeoutMs);
    const roundMs = orphanMs / rounds;
    const watch: Watch = { shared: this.#board.shared, timeoutMs, orphanMs, roundMs, parent: process.ppid };
    this.#thread = new Worker(new URL('./watchdog-thread.ts', import.meta.url), {
      workerData: watch,
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 1 },
    });
    this.#thread.unref();
    // Without it there is still the supervisor, who ends a process that does not answer him.
    this.#thread.on('error', () => undefined);
    this.#timer = setInterval(() => this.#board.beat(), roundMs / 2).unref();
  }

  /** From now on the event loop has to turn, whoever the parent is. */
  arm(): void {
    this.#board.arm();
  }

  /**
   * An answer on this connection is awaited; what it returns says that it begins, or that nobody waits any more. -1: behind
   * bytes that are not sent yet, an answer of the thread would be in the middle of another.
   */
  guard(fd: number, isHead: boolean, id: string): number | undefined {
    return fd < 0 ? undefined : this.#board.enter(fd, isHead, id);
  }

  release(entry: number | undefined): void {
    if (entry !== undefined) this.#board.leave(entry);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#thread.terminate();
  }
}
