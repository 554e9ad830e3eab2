/** The front as a process of its own that runs an application itself, for tests that end processes and touch files. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, utimes, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '@trivet/kit/process/tune.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';

const main = fileURLToPath(new URL('../../main.ts', import.meta.url));
const site = fileURLToPath(new URL('../../site.ts', import.meta.url));
const withinMs = 30_000;

/** An application that says its word, its process, and how many it has at once; `/slow` takes 100 ms. */
export const appSaying = (word: string): string => `
let busy = 0;
export async function* application(environ, startResponse) {
  busy += 1;
  const most = busy;
  try {
    const [, ms] = /ms=(\\d+)/.exec(environ.QUERY_STRING) ?? [];
    if (ms) await new Promise((resolve) => setTimeout(resolve, Number(ms)));
    const body = Buffer.from('${word} ' + process.pid + ' ' + most);
    // With a length it is one write: who is killed has answered, or has not begun to.
    startResponse('200 OK', [['Content-Type', 'text/plain'], ['Content-Length', String(body.length)]]);
    yield body;
  } finally {
    busy -= 1;
  }
}
`;

export type Said = {
  readonly status: number;
  readonly word: string;
  readonly pid: number;
  readonly atOnce: number;
  readonly body: string;
};

type DaemonRow = {
  readonly worker: number;
  readonly pid: number;
  readonly state: string;
  readonly generation: number;
  readonly address: string;
};
export type DaemonStats = {
  readonly generation: number;
  readonly isRefused: boolean;
  readonly workers: readonly DaemonRow[];
  readonly ends: Readonly<Record<string, number>>;
  readonly lastEnd: { readonly why: string } | null;
};

export class EmbeddedFront implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly #own: AsyncDisposableStack;
  readonly #ended: Promise<unknown>;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  out = '';
  complaints = '';
  url = '';
  admin = '';

  private constructor(folder: string, own: AsyncDisposableStack, env: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.#own = own;
    this.child = fork(main, [], {
      execArgv: [...nodeFlags],
      cwd: folder,
      env: {
        ...process.env,
        ...{
          FRONT_LISTEN: '127.0.0.1:0',
          FRONT_ADMIN_LISTEN: '127.0.0.1:0',
          FRONT_UPSTREAM: 'daemon:',
          TMPDIR: folder,
        },
        FRONT_SITE: site,
        ...{
          FRONT_ROOT: folder,
          APP_APPLICATION: `${folder}/app.ts:application`,
          LOG_LEVEL: 'info',
          TRIVET_TUNED: '1',
        },
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const { stdout, stderr } = this.child;
    stdout?.on('data', (chunk: Buffer) => {
      this.out += chunk;
    });
    stderr?.on('data', (chunk: Buffer) => {
      this.complaints += chunk;
    });
    this.#ended = Promise.all([
      once(this.child, 'exit'),
      ...[stdout, stderr].map((pipe) => pipe && once(pipe, 'close')),
    ]);
  }

  /** Begins to start it, with `source` as the application. */
  static async begin(source: string, env: Readonly<Record<string, string>> = {}): Promise<EmbeddedFront> {
    await using own = new AsyncDisposableStack();
    const folder = own.use(await mkdtempDisposable(join(tmpdir(), 'embedded-')));
    await writeFile(join(folder.path, 'app.ts'), source);
    return new EmbeddedFront(folder.path, own.move(), env);
  }

  /** Resolves once it listens. */
  static async start(source: string, env: Readonly<Record<string, string>> = {}): Promise<EmbeddedFront> {
    const front = await EmbeddedFront.begin(source, env);
    try {
      await front.listens();
      return front;
    } catch (error) {
      await front[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Resolves once it listens. */
  async listens(): Promise<void> {
    const { address, admin } = JSON.parse(await this.line('"listening"'));
    this.url = address;
    this.admin = admin;
  }

  /** The first line on standard output that says this. */
  async line(what: string | RegExp): Promise<string> {
    return await eventually(() => {
      const found = this.out
        .split('\n')
        .find((line) => (typeof what === 'string' ? line.includes(what) : what.test(line)));
      assert.ok(found !== undefined, `${what} is not in ${this.out}${this.complaints}`);
      return found;
    }, withinMs);
  }

  async ask(path = '/', method = 'GET'): Promise<Said> {
    const asking = get(this.url + path, { agent: this.#agent, method, timeout: withinMs });
    const [response] = await once(asking, 'response');
    const body = await text(response);
    const [word = '', pid, atOnce] = body.split(' ');
    return { status: response.statusCode, word, pid: Number(pid), atOnce: Number(atOnce), body };
  }

  async stats(): Promise<DaemonStats> {
    const answer = await fetch(`${this.admin}/stats`);
    const { daemons } = (await answer.json()) as { daemons: DaemonStats };
    return daemons;
  }

  /** Resolves with the statistics once they are so. */
  async settles(check: (stats: DaemonStats) => void): Promise<DaemonStats> {
    return await eventually(async () => {
      const stats = await this.stats();
      check(stats);
      return stats;
    }, withinMs);
  }

  /** Puts another application into the file. */
  async deploy(source: string): Promise<void> {
    await writeFile(join(this.folder, 'app.ts'), source);
  }

  async touch(name = 'app.ts'): Promise<void> {
    const now = new Date();
    await utimes(join(this.folder, name), now, now);
  }

  async exitCode(): Promise<number | null> {
    await this.#ended;
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await this.#ended;
    clearTimeout(timer);
    await this.#own.disposeAsync();
  }
}

/** Asks without a pause, `lanes` at a time, until it is told to stop; tells all that was answered, and how it failed. */
export function load(front: EmbeddedFront, path: string, lanes: number, method = 'GET') {
  const failures: string[] = [];
  const words = new Map<string, number>();
  let isOver = false;
  const lane = async () => {
    while (!isOver) {
      try {
        const { status, word, body } = await front.ask(path, method);
        if (status === 200) words.set(word, (words.get(word) ?? 0) + 1);
        else failures.push(`${status} ${body.slice(0, 300)}`);
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  const running = Promise.all(Array.from({ length: lanes }, lane));
  const stop = async (): Promise<readonly string[]> => {
    isOver = true;
    await running;
    return failures;
  };
  return { words, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}
