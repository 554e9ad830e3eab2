import type { Inbound } from '@trivet/kit/http1/inbound.ts';

/** A request as the listener accepts them: a GET of `/` unless told otherwise. */
export function anInbound(differences: Partial<Inbound> = {}): Inbound {
  return {
    id: 'id-1',
    method: 'GET',
    target: '/',
    host: 'a',
    scheme: 'http',
    version: '1.1',
    fields: ['Host', 'a'],
    peer: { address: '127.0.0.1', port: 4000, trusted: true },
    client: '127.0.0.1',
    body: undefined,
    bodyLength: undefined,
    receivedAt: performance.now(),
    ...differences,
  };
}
