import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

const smallest = new URL('./small-tier.ts', import.meta.url);

/** The smallest tier as a process of its own, with these settings; ended when it is disposed. */
export class RunningTier implements AsyncDisposable {
  readonly child: ChildProcess;
  /** What it wrote to its standard output so far, and to its standard error. */
  out = '';
  complaints = '';
  readonly #ended: Promise<unknown>;

  /** `program` is another tier than the smallest. */
  constructor(env: Readonly<Record<string, string>>, args: readonly string[] = [], program = smallest) {
    // Half of the time of a start is compiling.
    const { PATH = '' } = process.env;
    const fixed = { PATH, NODE_COMPILE_CACHE: join(tmpdir(), 'trivet-compile-cache') };
    // Without the flags of the test runner: one of them has Node write a report at SIGUSR2.
    const options = { execArgv: [], env: { ...fixed, ...env } };
    this.child = fork(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const { stdout, stderr } = this.child;
    stdout?.on('data', (chunk: Buffer) => {
      this.out += chunk;
    });
    stderr?.on('data', (chunk: Buffer) => {
      this.complaints += chunk;
    });
    // Not its 'close': that never comes once the channel was disconnected.
    const all = [once(this.child, 'exit'), ...[stdout, stderr].map((stream) => stream && once(stream, 'close'))];
    this.#ended = Promise.all(all);
  }

  /** The first line on standard output that says this. */
  async line(what: string): Promise<string> {
    return await eventually(() => {
      const found = this.out.split('\n').find((line) => line.includes(what));
      assert.ok(found !== undefined, `${what} is not in ${this.out}${this.complaints}`);
      return found;
    });
  }

  /** What it announces once it listens, and its port. */
  async listening() {
    const told = JSON.parse(await this.line('"listening"'));
    return { ...told, port: Number(new URL(told.address).port) };
  }

  async exitCode(): Promise<number | null> {
    await this.#ended;
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended;
  }
}
