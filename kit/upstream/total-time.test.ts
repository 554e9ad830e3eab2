import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { CollectingSink } from '../testing/collecting-sink.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualTimers } from '../testing/manual-timers.ts';
import { type RawOrigin, rawOrigin } from '../testing/scripted-origin.ts';
import { outbound, send, testUpstream } from '../testing/upstream-stand.ts';
import type { UpstreamOptions } from './options.ts';

const head = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n';

/** Members that do with the nth request, in all, what `act` says; the whole exchange may take a second. */
async function stand(act: (nth: number, socket: Socket) => void, count = 1, options: Partial<UpstreamOptions> = {}) {
  const building = new AsyncDisposableStack();
  const timers = new ManualTimers();
  let asked = 0;
  const origins: RawOrigin[] = [];
  const open: Socket[] = [];
  for (let i = 0; i < count; i++) {
    const origin = await rawOrigin((socket) => {
      open.push(socket);
      socket.on('data', () => act(asked++, socket));
    });
    origins.push(building.use(origin));
  }
  const upstream = building.use(
    testUpstream(
      origins.map(({ address }) => address),
      {
        ...{ timer: timers.set, clock: timers.clock.read, retries: 3 },
        ...options,
        timeouts: { connectMs: 5_000, firstByteMs: 5_000, betweenBytesMs: 5_000, totalMs: 1_000 },
      },
    ),
  );
  const begin = () => {
    const sink = new CollectingSink();
    return { sink, sending: upstream.send(outbound(), sink) };
  };
  const isAsked = (times: number) => eventually(() => assert.equal(asked, times));
  return { upstream, timers, open, begin, isAsked, [Symbol.asyncDispose]: () => building.disposeAsync() };
}

test('an answer that does not begin within the time of the whole is timeout-total (504), and its connection closes', async () => {
  await using s = await stand(() => undefined);
  const { sink } = s.begin();
  await s.isAsked(1);
  s.timers.advance(999);
  assert.equal(sink.fault, undefined);
  s.timers.advance(1);
  await sink.over;
  assert.ok(sink.fault);
  const { reason, status, blame, proxyError, message } = sink.fault;
  assert.deepEqual([reason, status, blame, proxyError], ['timeout-total', 504, 'upstream', 'http_response_timeout']);
  assert.match(message, /^app .*1000ms/);
  await eventually(() => assert.ok(s.open[0]?.destroyed || s.open[0]?.readableEnded));
  await eventually(() => assert.deepEqual([s.upstream.stats()[0]?.inFlight, s.upstream.stats()[0]?.failures], [0, 0]));
});

test('one that does not end within it breaks off, though it is never silent', async () => {
  await using s = await stand((_, socket) => socket.write(`${head}half`));
  const { sink } = s.begin();
  await sink.fed;
  s.timers.advance(1_000);
  await sink.over;
  assert.equal(sink.outcome, '200 timeout-total');
  await eventually(() => assert.equal(s.upstream.stats()[0]?.inFlight, 0));
});

test('what was tried before counts', async () => {
  await using s = await stand((nth, socket) => {
    if (nth > 0) return;
    s.timers.advance(600);
    socket.resetAndDestroy();
  }, 2);
  const { sink } = s.begin();
  await s.isAsked(2);
  s.timers.advance(399);
  assert.equal(sink.fault, undefined);
  s.timers.advance(1);
  await sink.over;
  assert.equal(sink.outcome, 'timeout-total');
  assert.equal(sink.retries.length, 1);
});

test('the wait for a connection does not, and while waiting for another one it does', async () => {
  const held: Socket[] = [];
  await using s = await stand((_, socket) => void held.push(socket), 1, { connections: 1, queueWaitMs: 60_000 });
  const first = s.begin();
  await s.isAsked(1);
  s.timers.advance(900);
  const second = s.begin();
  s.timers.advance(99);
  held[0]?.write(`${head}in time.\n`);
  assert.equal((await first.sink.over).outcome, '200 in time.\n');
  await s.isAsked(2);
  s.timers.advance(999);
  assert.equal(second.sink.fault, undefined);
  s.timers.advance(1);
  assert.equal((await second.sink.over).outcome, 'timeout-total');
});

for (const [what, end] of [
  ['an answer that is whole', (_: unknown, socket: Socket) => void socket.write('-whole')],
  ['an answer that breaks off', (_: unknown, socket: Socket) => void socket.resetAndDestroy()],
  ['a client that leaves', (sending: { abort(): void }) => sending.abort()],
] as const) {
  test(`${what} calls the deadline off`, async () => {
    let socket: Socket | undefined;
    await using s = await stand((_, asked) => {
      socket = asked;
      asked.write(`${head}abc`);
    });
    const { sink, sending } = s.begin();
    await sink.fed;
    assert.equal(s.timers.count, 1);
    assert.ok(socket);
    end(sending, socket);
    await eventually(() => assert.equal(s.timers.count, 0));
    const { calls } = sink;
    s.timers.advance(10_000);
    assert.equal(sink.calls, calls);
  });
}

test('without such a time no timer runs', async () => {
  const timers = new ManualTimers();
  await using origin = await rawOrigin((socket) => void socket.once('data', () => socket.write(`${head}123456789`)));
  await using upstream = testUpstream([origin.address], { timer: timers.set, clock: timers.clock.read });
  const before = timers.count;
  const sending = send(upstream);
  assert.equal(timers.count, before);
  assert.equal((await sending).outcome, '200 123456789');
});
