/** Requests as the origin gets them. */

import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { type Fields, field, without } from '@trivet/kit/semantics/fields.ts';
import { forwardingFields, withoutForwarding } from '@trivet/kit/semantics/forwarding.ts';
import { requestEndToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import { appendVia } from '@trivet/kit/semantics/via.ts';
import type { Outbound } from '@trivet/kit/upstream/upstream.ts';
import { applied } from '../edit.ts';
import { SURROGATE_NAME } from '../policy/targeted.ts';
import { unconditional } from '../policy/validation.ts';
import type { Question } from './question.ts';

const ownedByThisHop = new Set(['host', 'via', 'x-request-id', 'surrogate-capability']);

/** For the cache: the whole response, or a 304 to the conditions `asked`. A HEAD stays one. */
export function fetchOutbound(x: Question<Inbound>, asked: Fields): Outbound {
  const { method } = x;
  const wanted = without(unconditional(x.fields), (name) => name === 'content-length');
  // What is kept with the response is asked for whoever asks (RFC 9110 §6.5.1).
  const fields = [...forwarded(x, wanted), ...asked, 'TE', 'trailers'];
  return {
    method: method === 'HEAD' ? 'HEAD' : 'GET',
    target: x.resource.path,
    fields: edited(x, fields),
    body: undefined,
  };
}

/** Untouched but for what belongs to this hop. */
export function passOutbound(x: Question<Inbound>): Outbound {
  const { method, target, body, fields } = x.inbound;
  const trailers = x.takesTrailers ? ['TE', 'trailers'] : [];
  return { method, target, fields: edited(x, [...forwarded(x, fields), ...trailers]), body };
}

/** The fields of an upgrade; the tunnel adds those of the handshake. */
export function tunnelFields(x: Question<Inbound>): string[] {
  return edited(x, forwarded(x, x.inbound.fields));
}

function forwarded(x: Question<Inbound>, fields: Fields): string[] {
  const { inbound } = x;
  const { peer, scheme, host, id, version } = inbound;
  const kept = without(withoutForwarding(requestEndToEnd(fields)), (name) => ownedByThisHop.has(name));
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

function edited(x: Question<Inbound>, fields: string[]): string[] {
  const edit = x.rules.editsFetch ? x.rules.fetch(x.view) : undefined;
  return edit === undefined ? fields : applied(edit, fields);
}
