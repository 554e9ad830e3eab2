import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from './eventually.ts';

const WITHIN_MS = 20_000;

/** The other end of `ordered-program.ts`: gives orders and reads what is said. */
export class OrderedProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  /** What it said so far. */
  said = '';
  readonly #ended: Promise<unknown>;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stderr?.on('data', (chunk: Buffer) => {
      this.said += chunk;
    });
    this.#ended = Promise.all([once(child, 'exit'), child.stderr && once(child.stderr, 'close')]);
  }

  /** Resolves once it has said this line. */
  async line(what: string): Promise<void> {
    await eventually(() => assert.ok(this.lines.includes(what), `${what} is not in ${this.said}`), WITHIN_MS);
  }

  get lines(): string[] {
    return this.said.split('\n').slice(0, -1);
  }

  order(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** Resolves when it has carried out what it was ordered before; is what it says then. */
  async sees(word: string): Promise<string[]> {
    this.order(`say ${word}`);
    await this.line(word);
    return this.lines.filter((line) => line !== 'up' && line !== word);
  }

  /** How it ended: a code, or a signal. */
  async end(): Promise<number | string | null> {
    await this.#ended;
    return this.child.exitCode ?? this.child.signalCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended;
  }
}
