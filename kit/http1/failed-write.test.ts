// A client has gone, and nobody here knows: the write of its answer is the first to hear of it, and fails at once. Over Unix
// sockets, where that is so on every system.
import assert from 'node:assert/strict';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { get } from '../testing/http-text.ts';
import { type LaneStandOptions, laneStand } from '../testing/lane-stand.ts';
import { rawConnect } from '../testing/raw-client.ts';
import { socketPair } from '../testing/socket-pair.ts';
import { plainInbound } from './inbound.ts';
import { type GivenListener, LaneWriter, Scratch } from './lane-writer.ts';
import { isTakenBy, StandIn } from './stand-in.ts';

const last = 'Connection: close\r\n';
const large = Buffer.alloc(100_000, 'l');

async function folder() {
  const made = await mkdtempDisposable(join(tmpdir(), 'trivet-'));
  return { path: join(made.path, 'tier.sock'), [Symbol.asyncDispose]: () => made[Symbol.asyncDispose]() };
}

/** Asks, and leaves in the same turn of the loop. */
async function askAndLeave(path: string, requests: string): Promise<void> {
  const { socket } = await rawConnect(path);
  socket.write(requests);
  socket.destroy();
}

describe('an answer whose write fails at once is recorded as not delivered', () => {
  const cases: [string, string, LaneStandOptions['lane'], string[]][] = [
    ['from memory', get('/fast/1'), 'on', ['/fast/1']],
    ['from memory, the last of its connection', get('/fast/1', last), 'on', ['/fast/1']],
    ['from memory, written where it lies', get('/fast/100000'), 'on', ['/fast/100000']],
    ['of the slow lane, behind the fast one', get('/other'), 'on', ['/other']],
    ['of the slow lane, the last of its connection', get('/other', last), 'on', ['/other']],
    ['of the slow lane, where there is no fast one', get('/other'), 'off', ['/other']],
    ['with all that was pipelined and answered with it', get('/fast/1') + get('/fast/2'), 'on', ['/fast/1', '/fast/2']],
  ];
  for (const [what, requests, lane = 'on', targets] of cases) {
    test(what, async () => {
      await using socket = await folder();
      await using stand = await laneStand({ lane, listen: { kind: 'unix', path: socket.path } });
      await askAndLeave(socket.path, requests);
      await eventually(() => assert.equal(stand.records.length, targets.length));
      const outcomes = stand.records.map(({ target, outcome }) => [target, outcome]);
      assert.deepEqual(
        outcomes,
        targets.map((target) => [target, 'client-left']),
      );
      for (const target of stand.fast) assert.equal(stand.givenBack.get(target), 1);
      await eventually(() => assert.equal(stand.listener.connections(), 0));
      assert.equal(await stand.listener.drain(5_000), 'clean');
    });
  }
});

/** A server's end whose client has gone, and that has not been told. */
async function goneUnnoticed() {
  const socket = await folder();
  const pair = await socketPair(socket.path);
  pair.client.destroy();
  return {
    server: pair.server,
    async [Symbol.asyncDispose]() {
      await pair[Symbol.asyncDispose]();
      await socket[Symbol.asyncDispose]();
    },
  };
}

test('a write that failed leaves nothing behind, and is not taken', async () => {
  await using gone = await goneUnnoticed();
  const { server } = gone;
  assert.equal(isTakenBy(server), true);
  server.write('answer');
  // Without a look at the error it would pass for one that went well.
  assert.deepEqual([server.writableLength, server.destroyed], [0, false]);
  assert.equal(server.errored !== null && 'code' in server.errored && server.errored.code, 'EPIPE');
  assert.equal(isTakenBy(server), false);
});

describe('a lane writer whose write fails at once', () => {
  for (const [what, body] of [
    ['of copies', [Buffer.from('small')]],
    ['of what lies elsewhere', [large, large]],
    ['of a head alone', []],
  ] as const) {
    test(`${what}, gives the answer back once, and tells nobody that it was taken`, async () => {
      await using gone = await goneUnnoticed();
      const told: string[] = [];
      const listener: GivenListener = { onAnswered: (_inbound, _answer, { outcome }) => void told.push(outcome) };
      const writer = new LaneWriter(gone.server, new Scratch(), listener);
      const head = 'HTTP/1.1 200 OK\r\n';
      const answer = { status: 200, head, hasDate: true, body, giveBack: () => void told.push('back') };
      const asked = { method: 'GET', target: '/', host: 'a', fields: [], isLast: false } as const;
      const peer = { address: 'unix', port: 0, trusted: false };
      const inbound = plainInbound(asked, peer, { trusted: () => false }, 0);
      writer.add({ inbound, answer }, Buffer.from('\r\n'));
      const { promise, resolve } = Promise.withResolvers<void>();
      assert.equal(writer.flush(resolve), false);
      assert.deepEqual(told, []);
      await promise;
      assert.deepEqual(told, ['back', 'client-left']);
      assert.equal(writer.isPending, false);
    });
  }
});

describe('a stand-in whose write fails at once', () => {
  for (const [what, pieces] of [
    ['alone', ['answer']],
    ['with others', ['answer', large]],
  ] as const) {
    test(`${what}, says so, and never that it has finished`, async () => {
      await using gone = await goneUnnoticed();
      const told: string[] = [];
      const standIn = new StandIn({
        socket: gone.server,
        onRead: () => undefined,
        hasMore: () => false,
        answered: () => 0,
        onReturn: () => undefined,
        onRelease: () => undefined,
        onHead: () => undefined,
      });
      standIn.on('finish', () => told.push('finish'));
      standIn.on('error', (error: NodeJS.ErrnoException) => told.push(`error ${error.code}`));
      const closed = new Promise((resolve) => standIn.once('close', resolve));
      standIn.cork();
      for (const piece of pieces) standIn.write(piece, (error) => told.push(error ? 'not written' : 'written'));
      standIn.uncork();
      standIn.end();
      await closed;
      assert.deepEqual(new Set(told), new Set(['not written', 'error EPIPE']));
    });
  }
});
