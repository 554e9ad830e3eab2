import { setTimeout as sleep } from 'node:timers/promises';
import { duration } from '@trivet/kit/process/units.ts';
import { Response } from '../toolkit/webob-like.ts';
import type { Application, Body } from '../wsgi.ts';

/**
 * `/events?count=5&interval=200ms`: server-sent events, each one on its way before the next is made. Ends early when the
 * client leaves. `count=0` is endless, and ends when the server is told to stop: nobody waits for the end of it.
 */
export const events: Application = async (environ, startResponse) => {
  const query = new URLSearchParams(environ.QUERY_STRING);
  const asked = Number(/^\d{1,7}$/.exec(query.get('count') ?? '10')?.[0]);
  const isEndless = asked === 0;
  const count = isEndless ? Number.POSITIVE_INFINITY : asked;
  const interval = duration.safeParse(query.get('interval') ?? '1s');
  if (Number.isNaN(count)) return await refusal('count')(environ, startResponse);
  if (!interval.success) return await refusal('interval')(environ, startResponse);
  startResponse('200 OK', [
    ['Content-Type', 'text/event-stream'],
    ['Cache-Control', 'no-store'],
    ['X-Accel-Buffering', 'no'],
  ]);
  const stop = isEndless ? environ['trivet.draining'] : undefined;
  const ends = [environ['trivet.signal'], stop].filter((signal) => signal !== undefined);
  return ticks(count, interval.data, AbortSignal.any(ends));
};

function refusal(parameter: string): Response {
  return new Response({ status: 400, contentType: 'text/plain; charset=utf-8', body: `bad parameter: ${parameter}\n` });
}

async function* ticks(count: number, intervalMs: number, ended: AbortSignal): AsyncGenerator<Uint8Array> & Body {
  for (let id = 1; id <= count; id++) {
    if (id > 1 && !(await passed(intervalMs, ended))) return;
    yield Buffer.from(`id: ${id}\nevent: tick\ndata: {"n":${id},"time":"${new Date().toISOString()}"}\n\n`);
  }
}

async function passed(ms: number, ended: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal: ended });
    return true;
  } catch {
    // The signal is the one thing that a sleep fails of.
    return false;
  }
}
