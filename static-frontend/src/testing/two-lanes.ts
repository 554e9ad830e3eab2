/** A front without a socket, asked in both lanes at the same clock, for tests that hold one answer against the other. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { Root, type Symlinks } from '@trivet/kit/files/root.ts';
import { exchangeRecord, recordOf } from '@trivet/kit/http1/exchange.ts';
import type { FastLane } from '@trivet/kit/http1/fast-lane.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { ExchangeRecord } from '@trivet/kit/process/exchange-record.ts';
import { ManualClock } from '@trivet/kit/testing/clock.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { defineSite, type Site } from '../define-site.ts';
import { fastLane } from '../fast-lane.ts';
import { HotFiles } from '../files/hot-files.ts';
import type { Front } from '../front.ts';
import { openGuards } from '../guard/guards.ts';
import { handler } from '../handle.ts';
import { Limits } from '../limits/limits.ts';
import { testProxying } from './test-proxying.ts';

export type Asked = { readonly target: string; readonly fields?: readonly string[]; readonly method?: 'GET' | 'HEAD' };

/** An answer as bytes (latin1), without what differs from one asking to the next, and without what a connection adds. */
export type Answer = { readonly text: string; readonly record: ExchangeRecord };

export type TwoLanes = {
  /** Moves for freshness; the time of day stands. */
  readonly clock: ManualClock;
  readonly wall: ManualClock;
  readonly hotFiles: HotFiles;
  readonly front: Front;
  readonly lane: FastLane;
  slow(asked: Asked): Promise<Answer>;
  fast(asked: Asked): Answer | undefined;
  /** Asks in the slow lane often enough for the file to be hot. */
  warm(asked: Asked): Promise<void>;
};

type Options = {
  readonly root: string;
  readonly site: Site;
  readonly maxBytes?: number;
  readonly maxFileBytes?: number;
  readonly symlinks?: Symlinks;
};

/** Long after any test's files were written: what was touched a moment ago is not kept in memory. */
const wallAhead = 10_000;

export async function twoLanes(options: Options): Promise<TwoLanes> {
  const clock = new ManualClock(0);
  const wall = new ManualClock(Date.now() + wallAhead);
  const root = await Root.open(options.root, 'FRONT_ROOT', clock.read, options.symlinks);
  const { maxBytes = 1024 * 1024, maxFileBytes = 64 * 1024 } = options;
  const hotFiles = new HotFiles({ root, now: wall.read, clock: clock.read, maxBytes, maxFileBytes });
  const front: Front = {
    ...{ site: defineSite(options.site), root, hotFiles, upstreams: new Map(), tunnels: new Map(), serverTiming: true },
    proxying: testProxying(),
    guards: await openGuards(options.site, { limits: new Limits(options.site.limits), log: silentLog }),
    now: wall.read,
  };
  const records: ExchangeRecord[] = [];
  const lane = fastLane(
    { front },
    (inbound, status, given) => void records.push(recordOf(inbound, { status, ...given }, undefined)),
  );
  const slow = (asked: Asked) => slowAnswer(front, inboundFor(asked));
  return {
    ...{ clock, wall, hotFiles, front, lane, slow },
    fast(asked) {
      const inbound = inboundFor(asked);
      const answer = lane.answer(inbound);
      if (answer === undefined) return undefined;
      const text = comparable(`${answer.head}\r\n${Buffer.concat(answer.body).toString('latin1')}`);
      lane.onAnswered(inbound, answer, { bytes: text.length, ms: 0, outcome: 'done' });
      const [record] = records.splice(0);
      if (record === undefined) throw new Error('the exchange left no record');
      return { text, record: withoutTimes(record) };
    },
    async warm(asked) {
      for (let i = 0; i < 3; i++) {
        await slow(asked);
        await hotFiles.idle();
      }
    },
  };
}

/** A request as a connection hands it over. */
export function inboundFor({ target, fields = [], method = 'GET' }: Asked): Inbound {
  return {
    ...{ id: 'made-up', method, target, host: 'front.test', scheme: 'http', version: '1.1' },
    fields: ['Host', 'front.test', 'User-Agent', 'test', 'Referer', 'http://front.test/', ...fields],
    peer: { address: '127.0.0.1', port: 1, trusted: false },
    ...{ client: '127.0.0.1', body: undefined, bodyLength: undefined },
    receivedAt: performance.now(),
  };
}

async function slowAnswer(front: Front, inbound: Inbound): Promise<Answer> {
  const request = new IncomingMessage(new Socket());
  request.method = inbound.method;
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  const response = new ServerResponse(request);
  const written: Buffer[] = [];
  const wire = new Writable({
    highWaterMark: 1024 * 1024,
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk);
      done();
    },
  });
  // As much of a socket as a response needs.
  response.assignSocket(wire as unknown as Socket);
  const isOver = once(response, 'finish');
  await handler({ front })(inbound, response);
  await isOver;
  const text = comparable(Buffer.concat(written).toString('latin1'));
  return { text, record: withoutTimes(exchangeRecord(inbound, response, text.length)) };
}

function comparable(text: string): string {
  const end = text.indexOf('\r\n\r\n') + 2;
  const head = text
    .slice(0, end)
    .replace(/^Server-Timing: front;dur=[\d.]+\r\n/m, 'Server-Timing: front;dur=0\r\n')
    .replace(/^(?:Date|Connection|Keep-Alive): .*\r\n/gm, '');
  return head + text.slice(end);
}

/** Both lanes say the same, to the byte and to the log; the fast one says something. */
export async function agree(lanes: TwoLanes, asked: Asked): Promise<void> {
  const fast = lanes.fast(asked);
  assert.ok(fast, `${JSON.stringify(asked)} is not answered in the fast lane`);
  assert.deepEqual(fast, await lanes.slow(asked));
}

function withoutTimes(record: ExchangeRecord): ExchangeRecord {
  return { ...record, ms: 0 };
}
