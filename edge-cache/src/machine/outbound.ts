/** Requests as the origin gets them. */

import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { type Fields, field, without } from '@trivet/kit/semantics/fields.ts';
import { forwardingFields, isForwarding } from '@trivet/kit/semantics/forwarding.ts';
import { requestEndToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import { appendVia } from '@trivet/kit/semantics/via.ts';
import type { RoutedOutbound } from '../backends.ts';
import { applied } from '../edit.ts';
import { builtIn } from '../policy/built-in.ts';
import { SURROGATE_NAME } from '../policy/targeted.ts';
import type { Question } from './question.ts';

const ownedByThisHop = new Set(['host', 'via', 'x-request-id', 'surrogate-capability']);

/** For the cache: the response, or the part or the 304 that is `asked` for; a HEAD for its client alone. */
export function fetchOutbound(x: Question<Inbound>, asked: Fields, method: 'GET' | 'HEAD'): RoutedOutbound {
  const wanted = without(builtIn.fetch(x.fields), (name) => name === 'content-length');
  // What is kept with the response is asked for whoever asks (RFC 9110 §6.5.1).
  const fields = [...forwarded(x, wanted), ...asked, 'TE', 'trailers'];
  return {
    method,
    target: x.resource.path,
    ...routed(x, fields),
    body: undefined,
  };
}

/** Untouched but for what belongs to this hop. */
export function passOutbound(x: Question<Inbound>): RoutedOutbound {
  const { method, target, body } = x.inbound;
  const trailers = x.takesTrailers ? ['TE', 'trailers'] : [];
  return { method, target, ...routed(x, [...forwarded(x, x.requestFields), ...trailers]), body };
}

/** An upgrade; the tunnel adds the fields of the handshake. */
export function tunnelOutbound(x: Question<Inbound>): Routed {
  return routed(x, forwarded(x, x.requestFields));
}

function forwarded(x: Question<Inbound>, fields: Fields): string[] {
  const { inbound } = x;
  const { peer, scheme, host, id, version } = inbound;
  const kept = requestEndToEnd(fields, isSaidAnew);
  const capability = field(fields, 'surrogate-capability');
  const own = `${SURROGATE_NAME}="Surrogate/1.0 ESI/1.0"`;
  return [
    ...(host === '' ? [] : ['Host', host]),
    ...kept,
    ...forwardingFields(inbound.fields, { peer: peer.address, trusted: peer.trusted, scheme, host }),
    ...['Via', appendVia(fields, version, 'edge-cache')],
    ...['X-Request-Id', id],
    ...['Surrogate-Capability', capability === undefined ? own : `${capability}, ${own}`],
  ];
}

function isSaidAnew(name: string): boolean {
  return ownedByThisHop.has(name) || isForwarding(name);
}

type Routed = { readonly fields: string[] } & Pick<RoutedOutbound, 'backend' | 'hashKey'>;

/** After the policy's changes, to the backend that it names. */
function routed(x: Question<Inbound>, before: string[]): Routed {
  const verdict = x.rules.editsFetch ? x.rules.fetch(x.view) : undefined;
  const fields = verdict === undefined ? before : applied(verdict, before);
  const backend = verdict?.backend ?? 'default';
  const hashKey = hashKeyOf(x, backend);
  return {
    fields,
    ...(backend === 'default' ? {} : { backend }),
    ...(hashKey === undefined ? {} : { hashKey }),
  };
}

function hashKeyOf(x: Question<Inbound>, backend: string): string | undefined {
  const by = x.rules.hashBy(backend);
  switch (by) {
    case undefined:
      return undefined;
    case 'url':
      return builtIn.key(x.resource);
    case 'client':
      return x.inbound.client;
  }
  return x.rules.hashKey(by, x.view) ?? builtIn.key(x.resource);
}
