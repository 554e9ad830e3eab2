/** The request as the app gets it: pure. The target goes on byte for byte, the fields without what was this hop's own. */
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { forwardingFields, isForwarding } from '@trivet/kit/semantics/forwarding.ts';
import { requestEndToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import { parameters, splitList } from '@trivet/kit/semantics/list.ts';
import { appendVia } from '@trivet/kit/semantics/via.ts';
import type { Vouched } from '../guard/vouched.ts';

type Told = Pick<Inbound, 'id' | 'method' | 'host' | 'scheme' | 'version' | 'fields' | 'peer'>;

/** The fields of a request to the next hop: end-to-end ones, Host as received, and what this hop knows (RFC 9110 §7.6). */
export function outboundFields(inbound: Told, vouched?: Vouched): string[] {
  const { id, fields: received, peer, scheme, host, version } = inbound;
  const hops = hopsLeft(inbound);
  const isOurs = hops === undefined ? isSaidAnew : isSaidAnewWithHops;
  const drop = vouched === undefined ? isOurs : (name: string) => isOurs(name) || vouched.isReserved(name);
  const fields = requestEndToEnd(received, drop);
  fields.push(...forwardingFields(received, { peer: peer.address, trusted: peer.trusted, scheme, host }));
  fields.push('Via', appendVia(received, version, 'static-frontend'), 'X-Request-Id', id);
  if (hops !== undefined) fields.push('Max-Forwards', String(hops - 1));
  if (takesTrailers(inbound)) fields.push('TE', 'trailers');
  // Behind the others, so that no `Connection` of the client takes them away.
  if (vouched !== undefined) fields.push(...vouched.fields);
  return fields;
}

function isSaidAnew(name: string): boolean {
  return name === 'via' || name === 'x-request-id' || isForwarding(name);
}

function isSaidAnewWithHops(name: string): boolean {
  return name === 'max-forwards' || isSaidAnew(name);
}

/** Did the client say that it reads trailers? RFC 9110 §6.5.1, §10.1.4. */
export function takesTrailers({ fields, version }: Pick<Inbound, 'fields' | 'version'>): boolean {
  if (version === '1.0') return false;
  const codings = splitList(field(fields, 'te') ?? '');
  return codings.some((coding) => parameters(coding.toLowerCase()).value === 'trailers');
}

/** How many more hops an OPTIONS may take; at 0 this one answers. Other methods are not limited. RFC 9110 §7.6.2. */
export function hopsLeft({ method, fields }: { readonly method: string; readonly fields: Fields }): number | undefined {
  if (method !== 'OPTIONS') return undefined;
  const value = field(fields, 'max-forwards');
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}
