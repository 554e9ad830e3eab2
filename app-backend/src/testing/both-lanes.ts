// The same bytes to an application in both lanes, and what came of them, comparably.
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { comparable } from '@trivet/kit/testing/both-ways.ts';
import { conversation } from '@trivet/kit/testing/conversation.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { Application } from '../wsgi.ts';
import { type Serving, type ServingOptions, serve } from './serving.ts';

/** What one conversation came to; clocks and ids are made equal. Records and lines of the log are sorted. */
export type Told = { readonly text: string; readonly records: readonly string[]; readonly log: readonly string[] };

export type BothLanes = AsyncDisposable & {
  /** Sends the parts, each in a packet of its own, and reads until the server closes; the request last says `close`. */
  ask(parts: readonly Uint8Array[]): Promise<{ readonly fast: Told; readonly slow: Told }>;
};

/** `application` gives each lane its own: what one keeps between requests, the other must not see. */
export async function bothLanes(application: () => Application, options: ServingOptions = {}): Promise<BothLanes> {
  const fast = await serve(application(), options);
  const slow = await serve(application(), { ...options, lane: 'off' });
  return {
    async ask(parts) {
      const [one, other] = await Promise.all([converse(fast, parts), converse(slow, parts)]);
      return { fast: one, slow: other };
    },
    async [Symbol.asyncDispose]() {
      await fast[Symbol.asyncDispose]();
      await slow[Symbol.asyncDispose]();
    },
  };
}

async function converse(serving: Serving, parts: readonly Uint8Array[]): Promise<Told> {
  const [recordsBefore, linesBefore] = [serving.records.length, serving.lines.length];
  const text = await conversation(serving.port, parts);
  await eventually(() => {
    if (serving.listener.connections() > 0) throw new Error('the connection is still open');
  });
  await turn();
  // Whether what came behind the last answer still met a connection is a matter of time; nothing was sent for it.
  const served = serving.records.slice(recordsBefore).filter(({ status, bytes }) => status !== 499 || bytes > 0);
  const records = served.map(comparableRecord).sort();
  const log = serving.lines.slice(linesBefore).map(({ msg, from }) => `${from}: ${msg}`);
  return { text: comparable(text), records, log: log.sort() };
}

// How many bytes an answer has depends on how long its `Server-Timing` is.
function comparableRecord({ id, ms: _ms, bytes: _bytes, fault, ...record }: Serving['records'][number]): string {
  return JSON.stringify({ ...record, id: comparable(id), fault: fault && `${fault.reason} ${fault.message}` });
}

type Serve = typeof serve;

/** The same test of applications that are served with a fast lane and without. */
export function testLanes(what: string, body: (serve: Serve) => Promise<void>): void {
  test(what, () => body(serve));
  test(`${what}, without a fast lane`, () =>
    body((application, options) => serve(application, { ...options, lane: 'off' })));
}
