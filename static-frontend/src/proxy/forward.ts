/** The step that gives a request to an upstream and streams its answer back. */
import { note } from '@trivet/kit/http1/answer.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { relay } from '@trivet/kit/upstream/relay.ts';
import type { RouteHeaders } from '../define-site.ts';
import { type Exchange, type Front, ownFields } from '../front.ts';
import type { Asking } from '../route.ts';
import { affinityOf, withOurCookie, withoutOurCookie } from './affinity.ts';
import { dress } from './dress.ts';
import { outboundFields, takesTrailers } from './outbound.ts';

export type ForwardTo = { readonly ask: Asking; readonly headers: RouteHeaders };

/** Resolves when the answer is over; rejects with a Fault while nothing of it was sent. */
export async function forward(front: Front, exchange: Exchange, to: ForwardTo): Promise<void> {
  const { inbound, response, vouched, rules, isPrivate } = exchange;
  const upstream = front.upstreams.get(to.ask.proxy);
  if (upstream === undefined) throw new Fault('internal', `there is no upstream ${to.ask.proxy}`);
  const { method, target, body } = inbound;
  refuseTooLarge(inbound, front.bodyLimit);
  const affinity = affinityOf(front.site, to.ask.proxy, inbound);
  const fields = withoutOurCookie(outboundFields(inbound, vouched), affinity);
  await relay({
    upstream,
    outbound: { method, target, fields, body, bodyLimit: front.bodyLimit, ...affinity?.wish },
    response,
    dress: (head) => {
      const dressing = { own: ownFields(front, inbound), headers: to.headers, rules, isPrivate };
      return withOurCookie(dress(head, dressing), affinity, head.memberId);
    },
    takesTrailers: takesTrailers(inbound),
    takesInterim: inbound.version === '1.1',
    onBroken: (fault) => note(response, { fault }),
  });
}

// By its announcement alone: nothing is read, nothing is sent, and who waits for 100 Continue never sends it.
function refuseTooLarge({ bodyLength }: Inbound, limit: number): void {
  if (bodyLength === undefined || bodyLength <= limit) return;
  throw new Fault('body-too-large', `the request body has ${bodyLength} bytes, the limit is ${limit}`);
}
