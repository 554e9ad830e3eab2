// A listener with a fast lane that answers a part of what the slow lane answers, by the same function.
import type { FastLane, Given } from '../http1/fast-lane.ts';
import type { Inbound } from '../http1/inbound.ts';
import type { ListenOptions } from '../http1/listen-options.ts';
import type { Limits, Listener } from '../http1/listener.ts';
import type { ExchangeRecord } from '../process/exchange-record.ts';
import { field } from '../semantics/fields.ts';
import { Barrier } from './barrier.ts';
import { testListener } from './test-listener.ts';

export type LaneStand = AsyncDisposable & {
  readonly listener: Listener;
  readonly port: number;
  /** Of both lanes, in the order in which they were made. */
  readonly records: ExchangeRecord[];
  /** Targets, by the lane that answered; those of the slow lane as soon as they are asked. */
  readonly fast: string[];
  readonly slow: string[];
  /** How many fast answers were given back, by their target. */
  readonly givenBack: Map<string, number>;
  /** Opens for targets that begin with `/slow`. */
  readonly gate: Barrier;
};

export type LaneStandOptions = Partial<Omit<ListenOptions, 'limits' | 'fastLane' | 'onRequest'>> & {
  readonly limits?: Partial<Limits>;
  /** `off`: the slow lane answers everything. */
  readonly lane?: 'on' | 'off';
  /** In place of the answer from memory, or of what is done behind it. */
  readonly answer?: FastLane['answer'];
  readonly onAnswered?: FastLane['onAnswered'];
};

type Answer = { readonly status: number; readonly fields: readonly string[]; readonly body: readonly Buffer[] };

/** `/fast/5000` is answered from memory, with so many bytes, whose letters tell the target; the rest is not. */
export async function laneStand(options: LaneStandOptions = {}): Promise<LaneStand> {
  const { lane = 'on', answer, onAnswered, ...others } = options;
  const found = {
    fast: [] as string[],
    slow: [] as string[],
    givenBack: new Map<string, number>(),
    gate: new Barrier(1),
  };
  const records: ExchangeRecord[] = [];
  const fastLane: FastLane = {
    answer: answer ?? ((inbound) => fastAnswer(inbound, found)),
    onAnswered: onAnswered ?? ((inbound, { status }, given) => void records.push(recordOf(inbound, status, given))),
  };
  const server = await testListener({
    onExchange: (record) => void records.push(record),
    ...others,
    ...(lane === 'on' && { fastLane }),
    onRequest: async (inbound, response) => {
      found.slow.push(inbound.target);
      await inbound.body?.resume().toArray();
      if (inbound.target.startsWith('/slow')) await found.gate.passed;
      const { status, fields, body } = answerTo(inbound);
      response.writeHead(status, [...fields]);
      response.end(Buffer.concat(body));
    },
  });
  const { listener, port } = server;
  return { listener, port, records, ...found, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function fastAnswer(inbound: Inbound, found: Pick<LaneStand, 'fast' | 'givenBack'>) {
  const { target } = inbound;
  if (!target.startsWith('/fast')) return undefined;
  found.fast.push(target);
  const { status, fields, body } = answerTo(inbound);
  const giveBack = () => void found.givenBack.set(target, (found.givenBack.get(target) ?? 0) + 1);
  let head = `HTTP/1.1 ${status} ${status === 304 ? 'Not Modified' : 'OK'}\r\n`;
  for (let i = 0; i < fields.length; i += 2) head += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return { status, head, hasDate: false, body, giveBack };
}

/** What both lanes say. */
function answerTo({ target, method, fields, host, id, client }: Inbound): Answer {
  const size = Number(/^\/\w+\/(\d+)/.exec(target)?.[1] ?? target.length);
  const standard = ['X-Request-Id', id, 'ETag', '"1"', 'X-Asked', `${host} ${client} ${target}`];
  if (field(fields, 'if-none-match') === '"1"') return { status: 304, fields: standard, body: [] };
  const half = Math.ceil(size / 2);
  const body = [letters(target, half), letters(target, size - half)];
  const all = [...standard, 'Content-Length', String(size)];
  return { status: 200, fields: all, body: method === 'HEAD' ? [] : body };
}

function letters(target: string, length: number): Buffer {
  return Buffer.alloc(length, target, 'latin1');
}

function recordOf(inbound: Inbound, status: number, { bytes, ms, outcome }: Given): ExchangeRecord {
  const { id, client, method, target, host, version, fields } = inbound;
  const told = { referer: field(fields, 'referer'), userAgent: field(fields, 'user-agent') };
  return { id, client, method, target, host, version, status, bytes, outcome, ms, ...told };
}
