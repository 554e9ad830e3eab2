import cluster, { type Worker } from 'node:cluster';
import { type FromWorker, isOurs, type ToWorker } from './messages.ts';
import { type Post, postVariable, writePost } from './post.ts';
import { rescueStranded } from './stranded.ts';

export type WorkerEnd = { readonly code: number | null; readonly signal: string | null };

export type WorkerOptions = {
  readonly post: Post;
  /** Beside the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Is there another worker that takes connections? */
  hasOthers(): boolean;
  onMessage(message: FromWorker): void;
  onEnd(end: WorkerEnd): void;
};

/** One process of a tier: forked with the flags and the arguments of this one, its output on the same standard output. */
export class WorkerProcess {
  readonly post: Post;
  readonly #worker: Worker;
  readonly startedAt = performance.now();
  /** Why it could not start, as it said itself. */
  failure: { readonly problems: readonly string[]; readonly code: number } | undefined;
  isReady = false;

  constructor({ post, env, hasOthers, onMessage, onEnd }: WorkerOptions) {
    this.post = post;
    this.#worker = cluster.fork({ ...env, [postVariable]: writePost(post) });
    rescueStranded(this.#worker, hasOthers);
    this.#worker.on('message', (message: unknown) => isOurs(message) && onMessage(message as FromWorker));
    const { promise: ended, resolve } = Promise.withResolvers<WorkerEnd>();
    void ended.then(onEnd);
    this.#worker.once('exit', (code: number | null, signal: string | null) =>
      resolve({ code, signal: signal || null }),
    );
    // A message to one that is gone, whose end is told above; one that the system would not start has no other end.
    this.#worker.on('error', () => {
      if (this.#worker.process.pid === undefined) resolve({ code: 1, signal: null });
    });
  }

  get pid(): number {
    return this.#worker.process.pid ?? 0;
  }

  get livedMs(): number {
    return performance.now() - this.startedAt;
  }

  send(message: ToWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message, undefined, () => undefined);
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }
}

/** How it ended, for people. */
export function howOf({ code, signal }: WorkerEnd): string {
  return signal ?? `exit code ${code}`;
}
