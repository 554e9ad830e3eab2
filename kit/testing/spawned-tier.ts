import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';
import { isAlive } from './is-alive.ts';

const WITHIN_MS = 30_000;

type Line = {
  readonly msg: string;
  readonly pid: number;
  readonly address: string;
  readonly addresses?: readonly string[];
  readonly admin: string;
};

export const smallTier = fileURLToPath(new URL('./small-tier.ts', import.meta.url));

/** A tier as a shell would start it, without a channel; ended, with all that followed it, when it is disposed. */
export class SpawnedTier implements AsyncDisposable {
  readonly child: ChildProcess;
  /** Of it and of what followed it. */
  out = '';
  complaints = '';

  /** `fds`: sockets that it is given as a service manager gives them; `cwd`: where it works, if not where this process does. */
  constructor(
    env: Readonly<Record<string, string>>,
    { program = smallTier, fds = [], cwd }: { program?: string; fds?: readonly number[]; cwd?: string } = {},
  ) {
    const { PATH = '' } = process.env;
    const fixed = { PATH, TRIVET_TUNED: '1', FRONT_LISTEN: '127.0.0.1:0', FRONT_ADMIN_LISTEN: '127.0.0.1:0' };
    const named = `${fds.length === 0 ? '' : `LISTEN_FDS=${fds.length} LISTEN_PID=$$ `}exec "$0" "$@"`;
    this.child = spawn('/bin/sh', ['-c', named, process.execPath, program], {
      env: { ...fixed, ...env },
      cwd,
      stdio: ['ignore', 'pipe', 'pipe', ...fds],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.out += chunk;
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.complaints += chunk;
    });
  }

  /** Lines of the log that have this message. */
  lines(message: string): (Line & Record<string, unknown>)[] {
    const whole = this.out.split('\n').slice(0, -1);
    return whole.filter((line) => line.includes(`"msg":"${message}`)).map((line) => JSON.parse(line));
  }

  /** The first, or a later one, of them, as soon as it is there. */
  async line(message: string, at = 0): Promise<Line & Record<string, unknown>> {
    return await eventually(() => {
      const found = this.lines(message)[at];
      assert.ok(found !== undefined, `${message} (${at}) is not in ${this.out}${this.complaints}`);
      return found;
    }, WITHIN_MS);
  }

  async exitCode(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const followers = this.lines('listening').map(({ pid }) => pid);
    for (const pid of followers) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    this.child.kill('SIGKILL');
    await this.exitCode();
  }
}
