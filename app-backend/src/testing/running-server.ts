/** The app server as a process of its own, for tests that send it signals and change its files. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@trivet/kit/testing/eventually.ts';

const main = join(import.meta.dirname, '..', '..', 'main.ts');
export const withinMs = 30_000;

/** An application that says its word and `wsgi.multiprocess`; the query tells it to wait, to hang, or to crash. */
export const saying = (word: string, before = '') => `${before}
export async function* application(environ, startResponse) {
  const [, ms] = /ms=(\\d+)/.exec(environ.QUERY_STRING) ?? [];
  if (ms) await new Promise((resolve) => setTimeout(resolve, Number(ms)));
  const block = environ.QUERY_STRING === 'block' ? Infinity : 0;
  while (block > 0);
  if (environ.QUERY_STRING === 'throw') setImmediate(() => { throw new Error('out of cheese'); });
  if (environ.QUERY_STRING === 'throw') await new Promise(() => undefined);
  const body = Buffer.from('${word} ' + environ['wsgi.multiprocess']);
  startResponse('200 OK', [['Content-Type', 'text/plain'], ['Content-Length', String(body.length)], ['X-Pid', String(process.pid)]]);
  yield body;
}
`;
/** An import that takes its time. */
export const slowly = 'await new Promise((resolve) => setTimeout(resolve, 1000));';

type Row = { readonly pid: number; readonly state: string; readonly generation: number; readonly requests: number };
export type Stats = {
  readonly workers: readonly Row[];
  readonly arbiter: { readonly ends: Readonly<Record<string, number>>; readonly generation: number };
};

export class Server implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly #end: () => Promise<void>;
  address = '';
  admin = '';
  out = '';
  complaints = '';

  private constructor(folder: string, env: Readonly<Record<string, string>>, end: () => Promise<void>) {
    this.folder = folder;
    this.#end = end;
    this.child = spawn(process.execPath, [main], {
      env: {
        ...{ APP_LISTEN: '127.0.0.1:0', APP_ADMIN_LISTEN: '127.0.0.1:0', APP_CHDIR: folder, TMPDIR: folder },
        ...{ APP_APPLICATION: 'app.ts:application', LOG_SKIP: '/*' },
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk) => {
      this.out += chunk;
    });
    this.child.stderr?.on('data', (chunk) => {
      this.complaints += chunk;
    });
  }

  static async begin(app: string, env: Readonly<Record<string, string>> = {}): Promise<Server> {
    const folder = await mkdtempDisposable(join(tmpdir(), 'trivet-arbiter-'));
    await writeFile(join(folder.path, 'app.ts'), app);
    return new Server(folder.path, env, () => folder.remove());
  }

  static async start(app: string, env: Readonly<Record<string, string>> = {}): Promise<Server> {
    const server = await Server.begin(app, env);
    const { address, admin } = await server.line('"listening"');
    Object.assign(server, { address, admin });
    return server;
  }

  get port(): number {
    return Number(new URL(this.address).port);
  }

  async line(words: string | RegExp): Promise<Record<string, string>> {
    return await eventually(() => {
      const lines = this.out.split('\n').slice(0, -1);
      const found = lines.find((line) => (typeof words === 'string' ? line.includes(words) : words.test(line)));
      assert.ok(found, `${words} was not logged: ${this.out}${this.complaints}`);
      return JSON.parse(found);
    }, withinMs);
  }

  async stats(): Promise<Stats> {
    return (await (await fetch(`${this.admin}/stats`)).json()) as Stats;
  }

  async settles(check: (stats: Stats) => void): Promise<void> {
    await eventually(async () => check(await this.stats()), withinMs);
  }

  async pids(): Promise<readonly number[]> {
    return (await this.stats()).workers.map(({ pid }) => pid);
  }

  async ask(path = '/'): Promise<string> {
    return await (await fetch(this.address + path)).text();
  }

  async deploy(app: string): Promise<void> {
    await writeFile(join(this.folder, 'app.ts'), app);
  }

  async code(): Promise<number | string> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    const [code, signal] = (await once(this.child, 'exit')) as [number | null, string];
    return code ?? signal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGKILL');
      await once(this.child, 'exit');
    }
    await this.#end();
  }
}

/** So many serve, all of this generation, and nobody else is there. */
export const allReady = (count: number, generation: number) => (stats: Stats) => {
  assert.deepEqual(
    stats.workers.map((worker) => [worker.state, worker.generation]),
    Array.from({ length: count }, () => ['ready', generation]),
  );
};
