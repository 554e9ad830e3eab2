/**
 * A fragment is asked for as a client would ask for it, by the very same steps: so it is looked up, stored, refreshed and
 * shared on its own. What it is asked with comes from the request for the page.
 */
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { toFault } from '@trivet/kit/semantics/fault.ts';
import { type Fields, without } from '@trivet/kit/semantics/fields.ts';
import type { Target } from '../../policy/esi/target.ts';
import { unconditional } from '../../policy/validation.ts';
import { Conduit } from '../conduit.ts';
import { type Edge, honours } from '../edge.ts';
import { Exchange } from '../exchange.ts';
import { type Nesting, nameOf, nestedIn } from './nesting.ts';

type Asked = Extract<Target, { verdict: 'ask' }>;

/** The exchange that brings a fragment of what `x` answers, not yet under way. */
export function fragmentOf(x: Exchange, edge: Edge, { asked, nesting }: { asked: Asked; nesting: Nesting }): Exchange {
  const inbound = inboundFor(x.inbound, asked);
  const fragment = new Exchange(inbound, new Conduit(), x.rules, honours(edge, inbound));
  fragment.nesting = nestedIn(nesting, nameOf('GET', fragment.resource));
  return fragment;
}

/** Sets it going; what becomes of it is told by its conduit. */
export function begin(fragment: Exchange, edge: Edge): void {
  const { response } = fragment;
  edge.answer(fragment).catch((error: unknown) => response.destroy(toFault(error)));
}

// Of the connection, the form of the answer, or the body of the request for the page; a fragment has none of that.
const ofThePageAlone = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const forTheHostAlone = new Set(['authorization', 'cookie', 'proxy-authorization']);

function inboundFor(page: Inbound, { host, target, isSameHost }: Asked): Inbound {
  const isDropped = (name: string) => ofThePageAlone.has(name) || (!isSameHost && forTheHostAlone.has(name));
  const kept = without(unconditional(page.fields), isDropped);
  const fields: Fields = host === '' ? kept : ['Host', host, ...kept];
  return {
    ...page,
    method: 'GET',
    target,
    host,
    version: '1.1',
    fields,
    body: undefined,
    bodyLength: undefined,
    receivedAt: performance.now(),
  };
}
