import type { Inbound } from '../http1/inbound.ts';
import type { Limits } from '../http1/node-server.ts';
import type { Fault } from '../semantics/fault.ts';
import { requestEndToEnd } from '../semantics/hop-by-hop.ts';
import { type Relay, relay } from '../upstream/relay.ts';
import type { Outbound, Upstream } from '../upstream/upstream.ts';
import { type TestListener, testListener } from './test-listener.ts';

/** The request to the next hop as the plainest tier makes it. */
function outboundOf({ method, target, fields, body }: Inbound): Outbound {
  return { method, target, fields: requestEndToEnd(fields), body };
}

export type PassingTier = TestListener & {
  /** What broke behind a head that was out. */
  readonly broken: Fault[];
  /** How many relays are over, well or not. */
  readonly settled: { count: number };
};

/** A tier that does nothing but relay. */
export async function passingTier(
  upstream: Upstream,
  options: Partial<Relay> & { readonly limits?: Partial<Limits>; readonly bodyLimit?: number } = {},
): Promise<PassingTier> {
  const { limits = {}, bodyLimit, ...relayOptions } = options;
  const broken: Fault[] = [];
  const settled = { count: 0 };
  const tier = await testListener({
    limits,
    onRequest: async (inbound, response) => {
      try {
        await relay({
          upstream,
          outbound: { ...outboundOf(inbound), ...(bodyLimit === undefined ? {} : { bodyLimit }) },
          response,
          dress: ({ status, fields }) => ({ status, fields: requestEndToEnd(fields) }),
          takesTrailers: false,
          takesInterim: inbound.version === '1.1',
          onBroken: (fault) => void broken.push(fault),
          ...relayOptions,
        });
      } finally {
        settled.count += 1;
      }
    },
  });
  return { ...tier, broken, settled };
}
