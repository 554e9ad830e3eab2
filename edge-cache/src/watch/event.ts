import type { ExchangeRecord } from '@trivet/kit/process/exchange-record.ts';
import type { Predicate } from '../policy/log-filter.ts';

/** A finished exchange as an operator sees it; what is unknown is left out. */
export type Event = {
  /** When it was over, ISO 8601. */
  readonly time: string;
  readonly id: string;
  readonly method: string;
  readonly host: string;
  /** Path and query. */
  readonly url: string;
  readonly status: number;
  /** `hit`, `stale`, `miss`, `renewed`, `pass` or `synth`. */
  readonly cache?: string | undefined;
  readonly fwd?: string | undefined;
  readonly ttl?: number | undefined;
  readonly detail?: string | undefined;
  readonly trail?: readonly string[] | undefined;
  readonly bytes: number;
  readonly ms: number;
  /** Milliseconds to the head of the answer. */
  readonly ttfb?: number | undefined;
  readonly client: string;
  readonly region: string;
  /** The reason code of what broke. */
  readonly fault?: string | undefined;
  readonly outcome: string;
  readonly agent?: string | undefined;
  readonly referer?: string | undefined;
};

export function asEvent(record: ExchangeRecord, region: string, now: number): Event {
  const { id, method, host, target, status, cache, fwd, ttl, why, trail, bytes, ms, ttfbMs } = record;
  const { client, fault, outcome, userAgent, referer } = record;
  return {
    time: new Date(now).toISOString(),
    ...{ id, method, host, url: target, status, cache, fwd, ttl, detail: why, trail, bytes, ms, ttfb: ttfbMs },
    ...{ client, region, fault: fault?.reason, outcome, agent: userAgent, referer },
  };
}

/** What a filter may ask of an event; the trail is one text, a blank between its steps. */
export function fieldsOf(event: Event): Parameters<Predicate>[0] {
  return (name) => {
    const value = event[name as keyof Event];
    return typeof value === 'object' ? value.join(' ') : value;
  };
}
