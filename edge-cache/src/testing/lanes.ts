// One request through both lanes of the same edge at the same instant: what each wrote, counted and recorded.
import assert from 'node:assert/strict';
import type { FastAnswer } from '@trivet/kit/http1/fast-lane.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { ExchangeRecord } from '@trivet/kit/process/exchange-record.ts';
import { newRequestId } from '@trivet/kit/process/request-id.ts';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { fastLane, hitRecord } from '../fast-lane.ts';
import type { Edge } from '../machine/edge.ts';
import { packFields } from '../store/packed-fields.ts';
import { edgeStand, numbered, type Stand, type StandOptions } from './stand.ts';

/** Fields of a response that is fresh for a minute, with validators. */
export const fresh = ['Cache-Control', 'max-age=60', 'ETag', '"a"', 'Last-Modified', 'Wed, 31 Dec 2025 00:00:00 GMT'];

/** A stand with the answer to `/a` stored. */
export async function stored(options: StandOptions = {}, fields: Fields = fresh, body?: string): Promise<Stand> {
  const stand = await edgeStand(
    numbered(() => ({ fields, ...(body === undefined ? {} : { body }) })),
    options,
  );
  await stand.get('/a');
  return stand;
}

export type Asked = {
  readonly method?: 'GET' | 'HEAD';
  readonly target: string;
  readonly fields?: Fields;
};

/** What one lane made of a request; ids and durations are left out. */
export type Lane = { readonly bytes: string; readonly counted: object; readonly record: object };

/** A request as the connection of the fast lane hands it over. */
export function inboundFor({ port }: Pick<Stand, 'port'>, { method = 'GET', target, fields = [] }: Asked): Inbound {
  const host = `127.0.0.1:${port}`;
  return {
    id: newRequestId(),
    ...{ method, target, host, scheme: 'http', version: '1.1' },
    fields: ['Host', host, 'Connection', 'close', ...fields],
    peer: { address: '127.0.0.1', port: 1, trusted: false },
    client: '127.0.0.1',
    ...{ body: undefined, bodyLength: undefined, receivedAt: performance.now() },
  };
}

/** Asks the fast lane alone, as the connection does, and gives back what it was lent. */
export function askFast(stand: Stand, asked: Asked, over: Partial<Inbound> = {}): Lane | undefined {
  const records: ExchangeRecord[] = [];
  const lane = fastLane(stand.edge, (...hit) => records.push(hitRecord(...hit)));
  const inbound = { ...inboundFor(stand, asked), ...over };
  const before = state(stand.edge);
  const answer = lane.answer(inbound);
  if (answer === undefined) {
    assert.deepEqual(state(stand.edge), before, 'what the fast lane leaves to the other it leaves untouched');
    return undefined;
  }
  const bytes = written(answer);
  answer.giveBack?.();
  lane.onAnswered(inbound, answer, { bytes: bytes.length, ms: 0.123, outcome: 'done' });
  const [record] = records;
  assert.ok(record !== undefined && records.length === 1);
  assert.equal(record.id, inbound.id);
  return { bytes: plain(bytes), counted: since(before, state(stand.edge)), record: timeless(record) };
}

/** Asks the slow lane over a connection of its own. */
export async function askSlow(stand: Stand, { method = 'GET', target, fields = [] }: Asked): Promise<Lane> {
  const before = state(stand.edge);
  const seen = stand.records.length;
  const head = packFields(['Host', `127.0.0.1:${stand.port}`, 'Connection', 'close', ...fields]);
  const bytes = await rawExchange(stand.port, `${method} ${target} HTTP/1.1\r\n${head}\r\n`);
  const record = await eventually(() => {
    const [first] = stand.records.slice(seen);
    assert.ok(first);
    return first;
  });
  return { bytes: plain(bytes), counted: since(before, state(stand.edge)), record: timeless(record) };
}

/** The fast lane first, then the other. Undefined where the fast lane has no answer; the other was asked all the same. */
export async function inBothLanes(stand: Stand, asked: Asked): Promise<Lane | undefined> {
  const fast = askFast(stand, asked);
  const slow = await askSlow(stand, asked);
  if (fast !== undefined) assert.deepEqual(fast, slow);
  return fast;
}

function written({ head, body, hasDate }: FastAnswer): string {
  assert.ok(hasDate && head.endsWith('\r\n') && !head.includes('\r\n\r\n'));
  return `${head}\r\n${Buffer.concat(body).toString('latin1')}`;
}

// The connection's own lines are the connection's to write.
function plain(bytes: string): string {
  const end = bytes.indexOf('\r\n\r\n') + 2;
  const head = bytes
    .slice(0, end)
    .replace(/^(?:Connection|Keep-Alive): .*\r\n/gm, '')
    .replace(/^X-Request-Id: .*$/m, 'X-Request-Id: …')
    .replace(/^(Server-Timing: edge;dur=)[\d.]+$/m, '$1…');
  return head + bytes.slice(end);
}

function timeless(record: ExchangeRecord): object {
  assert.ok(record.ms >= 0 && (record.ttfbMs ?? 0) >= 0);
  // Lists, because the order of the members is that of the log line.
  return Object.entries({ ...record, id: '', ms: 0, ttfbMs: 0, bytes: 0 });
}

/** All that an answer may leave behind. */
function state({ counters, bans, outcomes, store, flights, rules }: Edge) {
  const numbers = { ...counters, ...counters.fetched, fetched: 0, ...bans.stats(), ...store.stats() };
  const last = [...store.entries()].map(({ key }) => {
    const { at, status, cacheStatus, trail } = outcomes.of(key) ?? {};
    return [key, { at, status, cacheStatus, trail }] as const;
  });
  return { numbers, last: Object.fromEntries(last), flights: flights.size, users: rules.users };
}

type State = ReturnType<typeof state>;

function since(before: State, after: State) {
  const from: Readonly<Record<string, number>> = before.numbers;
  const numbers = Object.entries(after.numbers).map(([name, now]) => [name, now - (from[name] ?? 0)] as const);
  return { ...after, numbers: Object.fromEntries(numbers.filter(([, change]) => change !== 0)) };
}
