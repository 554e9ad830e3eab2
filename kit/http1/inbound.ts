import type { IncomingMessage } from 'node:http';
import { isRequestId, newRequestId } from '../process/request-id.ts';
import { type Fields, field, lines } from '../semantics/fields.ts';
import { clientAddress } from '../semantics/forwarding.ts';
import type { Peer } from './peer.ts';
import type { PlainHead } from './plain-head.ts';
import { announcesBody } from './strictness.ts';

/** One request as this hop accepted it: framing, host and target are valid. */
export interface Inbound {
  /** The id that names this exchange in every tier's log: a trusted peer's `X-Request-Id`, else a new one. */
  readonly id: string;
  readonly method: string;
  /** Path and query, bytes as received; `*` for `OPTIONS *`. */
  readonly target: string;
  /** As it is to be forwarded; empty for an HTTP/1.0 request without one. */
  readonly host: string;
  /** What the outermost trusted hop saw. */
  readonly scheme: 'http' | 'https';
  readonly version: '1.0' | '1.1';
  /** As received; `Host` is already the authority of an absolute-form target. */
  readonly fields: Fields;
  /** Who is connected; `address` is `unix` on Unix sockets. `at`: by which of the other addresses, from 1 on; without it, by the first. */
  readonly peer: Peer & { readonly trusted: boolean; readonly at?: number };
  /** The address of the client by a right-to-left walk over what trusted peers reported. */
  readonly client: string;
  /** The request body; undefined when there is none. The first read sends `100 Continue` where it is awaited. */
  readonly body: IncomingMessage | undefined;
  /** Content-Length; undefined for chunked bodies and for none. */
  readonly bodyLength: number | undefined;
  /** `performance.now()` when the head was complete. */
  readonly receivedAt: number;
}

type Judged = { readonly target: string; readonly host: string; readonly fields: Fields };

type Trust = { trusted(address: string): boolean };

type From = Trust & { readonly peer: Inbound['peer'] };

/** Puts together what the handlers see of a request that was judged acceptable. */
export function inboundOf(request: IncomingMessage, { target, host, fields }: Judged, from: From): Inbound {
  const { peer } = from;
  const { address, trusted } = peer;
  const length = field(fields, 'content-length');
  return {
    id: idOf(fields, trusted),
    method: request.method ?? '',
    target,
    host,
    scheme: trusted ? forwardedScheme(fields) : 'http',
    version: request.httpVersion === '1.0' ? '1.0' : '1.1',
    fields,
    peer,
    client: trusted ? clientAddress(fields, address, from.trusted) : address,
    body: announcesBody(fields) ? request : undefined,
    bodyLength: length === undefined ? undefined : Number(length),
    receivedAt: performance.now(),
  };
}

/** The same of a request of the plain case. */
export function plainInbound(head: PlainHead, peer: Inbound['peer'], { trusted }: Trust, receivedAt: number): Inbound {
  const { method, target, host, fields } = head;
  return {
    id: idOf(fields, peer.trusted),
    method,
    target,
    host,
    scheme: peer.trusted ? forwardedScheme(fields) : 'http',
    version: '1.1',
    fields,
    peer,
    client: peer.trusted ? clientAddress(fields, peer.address, trusted) : peer.address,
    body: undefined,
    bodyLength: undefined,
    receivedAt,
  };
}

function idOf(fields: Fields, trusted: boolean): string {
  const [given] = trusted ? lines(fields, 'x-request-id') : [];
  return given !== undefined && isRequestId(given) ? given : newRequestId();
}

function forwardedScheme(fields: Fields): 'http' | 'https' {
  return lines(fields, 'x-forwarded-proto').at(-1)?.trim().toLowerCase() === 'https' ? 'https' : 'http';
}
