import type { Address } from '../process/units.ts';
import { type Outbound, Upstream, type UpstreamOptions } from '../upstream/upstream.ts';
import { CollectingSink } from './collecting-sink.ts';

const timeouts = { connectMs: 5_000, firstByteMs: 5_000, betweenBytesMs: 5_000 };

type StandOptions = Partial<Omit<UpstreamOptions, 'timeouts'>> & {
  readonly timeouts?: Partial<UpstreamOptions['timeouts']>;
};

/** An upstream called `app` with patience for a test, which does not retry unless it is told to. */
export function testUpstream(addresses: readonly Address[], options: StandOptions = {}): Upstream {
  return new Upstream({
    name: 'app',
    addresses,
    retries: 0,
    ...options,
    timeouts: { ...timeouts, ...options.timeouts },
  });
}

/** A request: `GET /` to the host `a` unless told otherwise. */
export function outbound(more: Partial<Outbound> = {}): Outbound {
  return { method: 'GET', target: '/', fields: ['Host', 'a'], body: undefined, ...more };
}

/** Sends one request and waits for the end of its answer. */
export async function send(upstream: Upstream, more: Partial<Outbound> = {}): Promise<CollectingSink> {
  const sink = new CollectingSink();
  upstream.send(outbound(more), sink);
  return await sink.over;
}
