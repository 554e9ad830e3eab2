import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadJob, LoadResult } from './load-job.ts';

type Reply = { readonly result: LoadResult } | { readonly error: string };

/** A load generator in a process of its own, for one job at a time. */
export class LoadGenerator implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('./load-process.ts', import.meta.url)));
    this.#gone = once(this.#child, 'exit');
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the load generator has no process');
    return pid;
  }

  get isStopped(): boolean {
    return !this.#child.connected;
  }

  /** Whoever waits for a result, or asks for another, gets an error. */
  stop(): void {
    this.#child.kill();
  }

  async run(job: LoadJob): Promise<LoadResult> {
    if (this.isStopped) throw new Error('the load generator was stopped');
    const replied = once(this.#child, 'message') as Promise<[Reply]>;
    this.#child.send(job);
    const [reply] = await Promise.race([replied, this.#gone.then(() => [{ error: 'it was stopped' }] as const)]);
    if ('error' in reply) throw new Error(`the load generator failed: ${reply.error}`);
    return reply.result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#gone;
  }
}
