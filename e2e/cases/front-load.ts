import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Tier } from '@trivet/kit/semantics/fault.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { steadyLoad } from '@trivet/kit/testing/steady-load.ts';
import { ask } from '../ask.ts';
import { addresses, folder, underSite, unique, upstream } from '../front.ts';
import { neighbour } from '../neighbour.ts';
import { type SlowClient, slowClients } from '../slow-clients.ts';
import type { Case, Stack } from '../topology.ts';

const slowOnes = 200;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Milliseconds of each of the requests of an honest client, which must all succeed. */
async function honest(door: URL, file: string): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < 30; i++) {
    for (const [method, path] of [
      ['GET', file],
      ['GET', `/app/${unique()}`],
      ['POST', `/app/${unique()}`],
    ] as const) {
      const began = performance.now();
      const { status } = await ask(new URL(path, door), method === 'GET' ? {} : { method, body: 'x'.repeat(2000) });
      times.push(performance.now() - began);
      assert.equal(status, 200);
    }
  }
  return times;
}

function kinds(file: string): readonly SlowClient[] {
  const rest = 'x'.repeat(10_000);
  return [
    { name: 'head', atOnce: '', dripped: `GET /app/head HTTP/1.1\r\nHost: a\r\nX-Long: ${rest}` },
    { name: 'body', atOnce: 'POST /app/slow HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n', dripped: rest },
    {
      name: 'chunks',
      atOnce: 'POST /app/slow HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2710\r\n',
      dripped: rest,
    },
    { name: 'file', atOnce: `GET ${file} HTTP/1.1\r\nHost: a\r\n\r\n`, dripped: '', sips: true },
    { name: 'answer', atOnce: 'GET /app/answer HTTP/1.1\r\nHost: a\r\n\r\n', dripped: '', sips: true },
  ];
}

const slowDoNotSlow = (tier: Tier, door: (stack: Stack) => URL): Case => ({
  name: `${slowOnes} clients that send or take a byte at a time slow nobody else at ${tier}, and hold no worker of the app`,
  async run(stack) {
    let inFlight = 0;
    let mostInFlight = 0;
    await using app = await neighbour(stack, (message, response) => {
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      response.once('close', () => {
        inFlight -= 1;
      });
      response.setHeader('cache-control', 'no-store');
      message.resume().once('end', () => response.end('y'.repeat(message.url === '/app/answer' ? 60_000 : 100)));
    });
    const place = await folder(stack, { 'a.txt': 'a', 'large.bin': Buffer.alloc(12 * 1024 * 1024) });
    const members = `routes: [{ path: '/app/', proxy: 'up' }, { path: '/', files: '.' }],
  upstreams: { up: { addresses: '${app.address}' } },`;
    await underSite(stack, members, async () => {
      const url = door(stack);
      await honest(url, `${place}a.txt`);
      const alone = median(await honest(url, `${place}a.txt`));
      const all = kinds(`${place}large.bin`);
      await using crowd = await slowClients(url, all, slowOnes / all.length);
      const connections = async () => JSON.parse((await stack.admin(tier, '/stats')).text).connections;
      await eventually(async () => assert.ok((await connections()) >= slowOnes, `${await connections()} connections`));
      await eventually(() => assert.equal(app.heard.filter(({ url: path }) => path === '/app/answer').length, 40));
      await eventually(() => assert.equal(inFlight, 0, 'what the slow ones take is off the app’s hands'));
      mostInFlight = 0;
      const among = median(await honest(url, `${place}a.txt`));
      assert.equal(crowd.left, 0, 'they were there all the time');
      assert.ok(among <= 5 * alone + 50, `${among} ms among them, ${alone} ms without`);
      assert.equal(mostInFlight, 1, 'the app had but the honest one at a time');
      assert.equal(app.heard.filter(({ url: path }) => path === '/app/slow').length, 0);
    });
    await eventually(() => assert.equal(inFlight, 0));
  },
});

const program = fileURLToPath(new URL('../upstream-program.ts', import.meta.url));

/** An upstream that is killed and comes back where it was. */
class Mortal implements AsyncDisposable {
  readonly #stack: Stack;
  #child: ChildProcess | undefined;
  #port = 0;

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  get pid(): string {
    return String(this.#child?.pid);
  }

  get address(): string {
    return `http://${this.#stack.neighbourhood.host}:${this.#port}`;
  }

  async live(): Promise<void> {
    this.#child = fork(program, [String(this.#port), this.#stack.neighbourhood.listenOn]);
    const [port] = await once(this.#child, 'message');
    this.#port = Number(port);
  }

  async die(): Promise<void> {
    if (this.#child === undefined || this.#child.signalCode !== null || this.#child.exitCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.die();
  }
}

/** What must hold however many clients there are, and whoever dies. */
export const frontLoad: readonly Case[] = [
  slowDoNotSlow('static-frontend', ({ front }) => front),
  slowDoNotSlow('edge-cache', ({ edge }) => edge),
  {
    name: 'one of two upstreams is killed and comes back, again and again: no GET fails',
    async run(stack) {
      await using one = new Mortal(stack);
      await using other = new Mortal(stack);
      await one.live();
      await other.live();
      await underSite(stack, upstream(`${addresses(one, other)}, failTimeout: '200ms'`), async () => {
        await using load = steadyLoad({ port: Number(stack.front.port) });
        const total = () => load.answers.values().reduce((sum, count) => sum + count, 0);
        const bothAnswer = () =>
          eventually(() => {
            for (const { pid } of [one, other]) assert.ok((load.answers.get(pid) ?? 0) > 5, `${pid} is asked`);
          });
        for (let round = 0; round < 8; round++) {
          // Else a request might find the one not back yet, and the other gone while it is there.
          await bothAnswer();
          const victim = round % 2 === 0 ? one : other;
          await victim.die();
          const before = total();
          await eventually(() => assert.ok(total() > before + 20, 'the other one answers'));
          await victim.live();
        }
        await bothAnswer();
        await load.stop();
        assert.deepEqual(load.failures, []);
        assert.equal(load.answers.size, 10, 'each of the processes was asked');
      });
    },
  },
];
