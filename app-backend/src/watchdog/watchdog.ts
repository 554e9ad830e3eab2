/**
 * A thread that watches the event loop of its process. An application that computes without end, or waits in a call that
 * does not return, takes the whole process with it; the supervisor could only kill it, and its clients would see their
 * connections break. The thread is still there: it says where the code stands, answers 504 to whoever waits, and ends
 * the process. What Gunicorn's `timeout` is, with the answer that it lacks.
 */
import { Worker } from 'node:worker_threads';
import { Board } from './board.ts';

/** Rounds in the time that the event loop may stand still: where the whole machine was halted, that was one of them. */
export const rounds = 10;

/** What the thread is given. */
export type Watch = { readonly shared: SharedArrayBuffer; readonly timeoutMs: number };

export class Watchdog implements AsyncDisposable {
  readonly #board = new Board();
  readonly #thread: Worker;
  readonly #timer: NodeJS.Timeout;

  /** Ends this process when its event loop has stood still for `timeoutMs`, and a tenth more at the most. */
  constructor(timeoutMs: number) {
    const watch: Watch = { shared: this.#board.shared, timeoutMs };
    this.#thread = new Worker(new URL('./watchdog-thread.ts', import.meta.url), {
      workerData: watch,
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 1 },
    });
    this.#thread.unref();
    // Without it there is still the supervisor, who ends a process that does not answer him.
    this.#thread.on('error', () => undefined);
    this.#timer = setInterval(() => this.#board.beat(), timeoutMs / rounds / 2).unref();
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
