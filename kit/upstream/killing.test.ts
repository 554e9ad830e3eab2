import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { eventually } from '../testing/eventually.ts';
import { send, testUpstream } from '../testing/upstream-stand.ts';

const answer = (isLast: boolean) =>
  `HTTP/1.1 200 OK\r\n${isLast ? 'Connection: close\r\n' : ''}Content-Length: 2\r\n\r\nok`;

/** A server that can be killed, with its connections reset and its port closed, and brought back to the same port. */
class Mortal implements AsyncDisposable {
  port = 0;
  answered = 0;
  /** Does a connection carry more than one request? */
  readonly #keeps: boolean;
  readonly #sockets = new Set<Socket>();
  #server = createServer();

  constructor(keeps: boolean) {
    this.#keeps = keeps;
  }

  async live(): Promise<this> {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => this.#sockets.delete(socket));
      // Behind a turn of the loop, so that there are always requests in the midst of it.
      socket.on('data', () => void this.#answer(socket));
    });
    // Somebody's outgoing connection may have the port for a moment.
    await eventually(() => once(this.#server.listen(this.port, '127.0.0.1'), 'listening'));
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.port = address.port;
    return this;
  }

  async die(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  async #answer(socket: Socket): Promise<void> {
    await setImmediate();
    if (socket.destroyed) return;
    this.answered += 1;
    socket.write(answer(!this.#keeps));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.die();
  }
}

const deaths = 12;
const clients = 8;

type Fire = { readonly keeps: boolean } & Parameters<typeof testUpstream>[1];

/** Outcomes of GETs that clients send one after the other while one of two servers is killed and brought back. */
async function underFire({ keeps, ...options }: Fire) {
  await using survivor = await new Mortal(keeps).live();
  await using victim = await new Mortal(keeps).live();
  const addresses = [survivor, victim].map(({ port }) => ({ kind: 'tcp', host: '127.0.0.1', port }) as const);
  await using upstream = testUpstream(addresses, options);
  const outcomes = new Map<string, number>();
  let isOver = false;
  const client = async () => {
    while (!isOver) {
      const { outcome } = await send(upstream);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  const load = Array.from({ length: clients }, client);
  for (let died = 0; died < deaths; died++) {
    const { answered } = victim;
    // It is in use again, and busy.
    await eventually(() => assert.ok(victim.answered > answered + 20));
    await victim.die();
    const elsewhere = survivor.answered;
    await eventually(() => assert.ok(survivor.answered > elsewhere + 20));
    await victim.live();
  }
  isOver = true;
  await Promise.all(load);
  return { outcomes, stats: upstream.groupStats() };
}

describe('under load, while one of two servers is killed and brought back again and again', {
  concurrency: true,
}, () => {
  const ejection = { maxFails: 1, failMs: 20, longestMs: 20 };

  for (const [what, keeps, told] of [
    ['on connections that are used again', true, {}],
    ['each on a connection of its own', false, {}],
    ['where connections are few and most requests wait', true, { connections: 2 }],
    ['where they are few and each carries one request', false, { connections: 2 }],
  ] as const) {
    test(`no GET fails ${what}`, async () => {
      const { outcomes, stats } = await underFire({ keeps, retries: 1, ejection, ...told });
      assert.deepEqual([...outcomes.keys()], ['200 ok']);
      assert.ok(stats.replays + stats.retries + stats.redials >= deaths, JSON.stringify(stats));
      assert.equal(stats.unaffordable, 0);
    });
  }

  test('without retries some would', async () => {
    const { outcomes } = await underFire({ keeps: false, retries: 0, ejection });
    assert.ok((outcomes.get('reset-before-head') ?? 0) > 0, JSON.stringify([...outcomes]));
  });
});
