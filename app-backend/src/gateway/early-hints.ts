import type { ServerResponse } from 'node:http';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { Header } from '../wsgi.ts';
import { checkHeaders } from './check-head.ts';
import { WsgiViolation } from './wsgi-violation.ts';

/** `wsgi.early_hints`: a 103 ahead of the answer (RFC 8297). Nothing for HTTP/1.0, and nothing once the head is out. */
export function earlyHints(inbound: Inbound, response: ServerResponse): (headers: readonly Header[]) => void {
  return (headers) => {
    const checked = checkHeaders(headers);
    if (checked.verdict === 'bad') throw new WsgiViolation(checked.why);
    if (inbound.version === '1.0' || response.headersSent || response.destroyed) return;
    response.writeInformation(103, [...checked.fields]);
  };
}
