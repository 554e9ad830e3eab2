/**
 * Notices a worker that hangs. One whose event loop stands still serves nobody, keeps the connections that it has, and every
 * invalidation waits for its word. It is killed, and replaced as one that crashed; it is not told to stop first, since what
 * hangs is what would hear that.
 *
 * What is counted are rounds, not time: where the machine or this process was halted for a while, that was one round.
 */
import type { Log } from '../log.ts';
import type { ToWorker } from './messages.ts';

/** The part of a worker's process that is asked whether it is there. */
export type Watched = {
  readonly post: { readonly number: number };
  readonly pid: number;
  send(message: ToWorker): void;
  kill(): void;
};

export type HeartbeatOptions = {
  /** A worker is killed after this time without a word of it, and a tenth more at the most; milliseconds, 0: never. */
  readonly timeoutMs: number;
  /** So much later still where a worker that hangs ends by itself, having told its clients; milliseconds. */
  readonly graceMs?: number | undefined;
  readonly log: Log;
  workers(): readonly Watched[];
};

const ROUNDS = 10;

/** Asks until it is disposed. */
export class Heartbeat implements Disposable {
  readonly #options: HeartbeatOptions;
  /** Questions since a worker was last heard; none of one that has not been heard at all, and may be loading its code. */
  readonly #unanswered = new WeakMap<Watched, number>();
  readonly #rounds: number;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    const { timeoutMs, graceMs = 0 } = options;
    // One more, since neither begins to count when the other does.
    this.#rounds = ROUNDS + (graceMs > 0 && timeoutMs > 0 ? 1 + Math.ceil((graceMs * ROUNDS) / timeoutMs) : 0);
    if (timeoutMs > 0) this.#timer = setInterval(() => this.round(), timeoutMs / ROUNDS).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** A worker has said something. */
  heard(worker: Watched): void {
    this.#unanswered.set(worker, 0);
  }

  /** Asks all, and ends those that have not answered for too long. */
  round(): void {
    for (const worker of this.#options.workers()) {
      const unanswered = this.#unanswered.get(worker);
      if (unanswered === this.#rounds) this.#end(worker);
      else if (unanswered !== undefined) this.#unanswered.set(worker, unanswered + 1);
      worker.send({ trivet: 'ping' });
    }
  }

  #end(worker: Watched): void {
    const { log, timeoutMs } = this.#options;
    const { number } = worker.post;
    this.#unanswered.delete(worker);
    log.error(
      { worker: number, workerPid: worker.pid },
      `worker ${number} has not answered for ${timeoutMs}ms and is killed`,
    );
    worker.kill();
  }
}
