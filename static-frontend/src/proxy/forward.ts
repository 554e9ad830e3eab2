/** The step that gives a request to an upstream and streams its answer back. */
import { note } from '@trivet/kit/http1/answer.ts';
import type { TakenBody } from '@trivet/kit/http1/body/intake.ts';
import { leaveAtEnd } from '@trivet/kit/http1/half-closed.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { relay } from '@trivet/kit/upstream/relay.ts';
import type { Upstream } from '@trivet/kit/upstream/upstream.ts';
import type { RouteHeaders } from '../define-site.ts';
import { type Exchange, type Front, ownFields } from '../front.ts';
import type { Asking } from '../route.ts';
import { affinityOf, withOurCookie, withoutOurCookie } from './affinity.ts';
import { answerOf } from './answer/answer.ts';
import { bodyHere, withLength } from './body/request-body.ts';
import { outboundFields, takesTrailers } from './outbound.ts';
import { swapped } from './target.ts';

export type ForwardTo = { readonly ask: Asking; readonly headers: RouteHeaders };

/** Resolves when the answer is over; rejects with a Fault while nothing of it was sent. */
export async function forward(front: Front, exchange: Exchange, to: ForwardTo): Promise<void> {
  const upstream = front.upstreams.get(to.ask.proxy);
  if (upstream === undefined) throw new Fault('internal', `there is no upstream ${to.ask.proxy}`);
  const { inbound } = exchange;
  leaveAtEnd(exchange.response);
  if (inbound.body === undefined) return await ask(front, exchange, { ...to, upstream });
  const { proxying } = front;
  await using taken = await bodyHere(exchange, proxying.planOf(to.ask), proxying.places);
  await ask(front, exchange, { ...to, upstream, taken });
}

type Asked = ForwardTo & { readonly upstream: Upstream; readonly taken?: TakenBody | undefined };

async function ask(front: Front, exchange: Exchange, to: Asked): Promise<void> {
  const { inbound, response, vouched, rules, isPrivate } = exchange;
  const { method, target, body } = inbound;
  const plan = front.proxying.planOf(to.ask);
  const affinity = affinityOf(front.site, to.ask.proxy, inbound);
  const fields = withoutOurCookie(outboundFields(inbound, vouched), affinity);
  await relay({
    upstream: to.upstream,
    outbound: {
      method,
      target: swapped(target, plan.swap),
      fields: to.taken === undefined ? fields : withLength(fields, to.taken),
      body: to.taken?.body ?? body,
      bodyLimit: plan.bodyLimit,
      ...affinity?.wish,
    },
    response,
    dress: (head) => {
      const dressing = { own: ownFields(front, inbound), headers: to.headers, rules, isPrivate };
      const answer = answerOf(head, exchange, { plan, dressing, encoders: front.proxying.encoders });
      return 'declined' in answer ? answer : withOurCookie(answer, affinity, head.memberId);
    },
    takesTrailers: takesTrailers(inbound),
    takesInterim: inbound.version === '1.1',
    onBroken: (fault) => note(response, { fault }),
  });
}
