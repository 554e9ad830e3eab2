// An edge as a process of its own, with several workers, in front of a scripted origin.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { isAlive } from '@trivet/kit/testing/is-alive.ts';

const main = join(import.meta.dirname, '../../main.ts');
const STARTS_WITHIN_MS = 30_000;

export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string };
type Ask = { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string };
type Stats = { readonly workers: readonly { readonly pid: number }[] } & Record<string, Record<string, unknown>>;

/** Settings are those of the environment; `TMPDIR` is a folder of its own. */
export class EdgeProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly folder: string;
  out = '';
  complaints = '';
  address = '';
  admin = '';
  readonly ended: Promise<unknown[]>;

  private constructor(env: Readonly<Record<string, string>>, folder: string) {
    this.folder = folder;
    const free = { EDGE_LISTEN: '127.0.0.1:0', EDGE_ADMIN_LISTEN: '127.0.0.1:0', TMPDIR: folder };
    this.child = spawn(process.execPath, [main], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...free, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.out += chunk;
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.complaints += chunk;
    });
    this.ended = once(this.child, 'exit');
  }

  /** Begins to start; `up` says when it has. */
  static async begin(env: Readonly<Record<string, string>>): Promise<EdgeProcess & AsyncDisposable> {
    const folder = await mkdtempDisposable(join(tmpdir(), 'trivet-workers-'));
    const edge = new EdgeProcess(env, folder.path);
    edge.#folder = folder;
    return edge;
  }

  /** Resolves once it accepts connections. */
  static async start(env: Readonly<Record<string, string>>): Promise<EdgeProcess> {
    const edge = await EdgeProcess.begin(env);
    const { address, admin } = await edge.line(/"msg":"listening"/);
    edge.address = String(address);
    edge.admin = String(admin);
    return edge;
  }

  #folder: AsyncDisposable | undefined;

  /** The first log line of this kind, from `from` on. */
  async line(what: RegExp, from = 0): Promise<Record<string, unknown>> {
    return await eventually(() => {
      const found = this.out
        .slice(from)
        .split('\n')
        .find((text) => what.test(text) && text.endsWith('}'));
      assert.ok(found !== undefined, `${what} is not in ${this.out}${this.complaints}`);
      return JSON.parse(found);
    }, STARTS_WITHIN_MS);
  }

  /** Asks on a connection of its own. */
  async ask(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
    const place = this.address.startsWith('unix:')
      ? { socketPath: this.address.slice('unix:'.length) }
      : { port: Number(new URL(this.address).port) };
    const agent = new Agent({ keepAlive: false });
    const asking = request({ host: '127.0.0.1', ...place, path, method, agent, headers: { host: 'a', ...headers } });
    asking.end(body);
    const [response] = await once(asking, 'response');
    const text = (await buffer(response)).toString();
    return { status: response.statusCode, headers: new Headers(response.headers), text };
  }

  /** The bodies of so many answers, each on a connection of its own, in turn. */
  async texts(path: string, times: number): Promise<Set<string>> {
    const texts = new Set<string>();
    for (let i = 0; i < times; i++) texts.add((await this.ask(path)).text);
    return texts;
  }

  async told(path: string, init?: RequestInit) {
    const response = await fetch(this.admin + path, init);
    const text = await response.text();
    return { status: response.status, text, json: () => JSON.parse(text) };
  }

  post(path: string, body: unknown) {
    return this.told(path, { method: 'POST', body: JSON.stringify(body) });
  }

  async stats(): Promise<Stats> {
    return (await this.told('/stats')).json();
  }

  async pids(): Promise<number[]> {
    return (await this.stats()).workers.map(({ pid }) => pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const pids = this.admin === '' ? [] : await this.pids().catch(() => []);
      this.child.kill('SIGKILL');
      await this.ended;
      // They end by themselves; a test that stopped one must not leave it behind.
      for (const pid of pids) end(pid);
      for (const pid of pids) await eventually(() => assert.ok(!isAlive(pid)), STARTS_WITHIN_MS);
    }
    await this.#folder?.[Symbol.asyncDispose]();
  }
}

function end(pid: number): void {
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
}
