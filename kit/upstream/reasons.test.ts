// Every way in which a group of addresses fails a request, and what it is called. One address, nothing is tried again.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import type { Address } from '../process/units.ts';
import type { Reason } from '../semantics/fault.ts';
import { deafServer } from '../testing/deaf-server.ts';
import { ManualTimers } from '../testing/manual-timers.ts';
import { rawOrigin } from '../testing/scripted-origin.ts';
import { send, testUpstream } from '../testing/upstream-stand.ts';

type Stand = AsyncDisposable & { readonly address: Address };

const half = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf';
const whenAsked = (act: (socket: Socket) => void) => () =>
  rawOrigin((socket) => void socket.once('data', () => act(socket)));

async function closedPort(): Promise<Stand> {
  await using origin = await rawOrigin(() => undefined);
  return { address: origin.address, [Symbol.asyncDispose]: async () => undefined };
}

const rows: readonly [reason: Reason, status: number, stand: () => Promise<Stand>, outcome?: string][] = [
  ['refused', 503, closedPort],
  ['timeout-connect', 504, deafServer],
  ['reset-before-head', 502, whenAsked((socket) => socket.resetAndDestroy())],
  ['reset-before-head', 502, whenAsked((socket) => socket.end())],
  ['reset-before-head', 502, whenAsked((socket) => socket.end('HTTP/1.1 200 OK\r\nA: b'))],
  ['timeout-first-byte', 504, whenAsked(() => undefined)],
  ['timeout-first-byte', 504, whenAsked((socket) => socket.write('HTTP/1.1 200 OK\r\nA: b'))],
  ['reset-mid-body', 502, whenAsked((socket) => socket.end(half)), '200 reset-mid-body'],
  ['timeout-between-bytes', 504, whenAsked((socket) => socket.write(half)), '200 timeout-between-bytes'],
  ['bad-response', 502, whenAsked((socket) => socket.end('SSH-2.0-x\r\n'))],
];

describe('the reason of a fault', { concurrency: true }, () => {
  for (const [at, [reason, status, stand, outcome = reason]] of rows.entries()) {
    test(`${reason} (${status}), row ${at + 1}`, async () => {
      await using origin = await stand();
      const timeouts = { connectMs: 60, firstByteMs: 60, betweenBytesMs: 60 };
      await using upstream = testUpstream([origin.address], { timeouts });
      const sink = await send(upstream);
      assert.deepEqual([sink.outcome, sink.fault?.reason, sink.fault?.status], [outcome, reason, status]);
      assert.equal(sink.fault?.blame, 'upstream');
      assert.match(sink.fault?.message ?? '', /^app at 127\.0\.0\.1:\d+ /);
      assert.deepEqual(sink.retries, []);
    });
  }

  test('queue-full (503) and queue-late (504)', async () => {
    await using origin = await rawOrigin(() => undefined);
    const timers = new ManualTimers();
    const patience = { queueWaitMs: 60, timer: timers.set, clock: timers.clock.read };
    await using upstream = testUpstream([origin.address], { connections: 1, queue: 1, ...patience });
    void send(upstream);
    const waiting = send(upstream);
    const { fault: full } = await send(upstream);
    assert.deepEqual([full?.reason, full?.status, full?.retryAfterSeconds], ['queue-full', 503, 1]);
    timers.advance(60);
    const { fault: late } = await waiting;
    assert.deepEqual([late?.reason, late?.status, late?.retryAfterSeconds], ['queue-late', 504, 1]);
    assert.equal(late?.message, 'no connection to app was free in 60ms');
    assert.equal(late?.proxyError, 'connection_limit_reached');
  });
});
