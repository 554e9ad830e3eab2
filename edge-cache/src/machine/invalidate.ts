import type { Fields } from '@trivet/kit/semantics/fields.ts';
import { outdated } from '../policy/invalidation.ts';
import { resourceOf } from '../policy/key.ts';
import { requestView } from '../policy/views.ts';
import type { Edge } from './edge.ts';
import type { Exchange } from './exchange.ts';

/** Forgets what the success of an unsafe method has made outdated, fetches on their way included. RFC 9111 §4.4. */
export function invalidate(x: Exchange, edge: Edge, status: number, fields: Fields): void {
  const { method, host, target } = x.inbound;
  for (const resource of outdated({ method, host, target, status, fields })) {
    const key = keyOf(x, resource.host, resource.path);
    for (const entry of [...edge.store.peek(key)]) edge.store.drop(entry);
    edge.flights.withdrawKey(key);
  }
}

/** The key under which a GET of this path by the same client would be looked up. */
function keyOf({ rules, inbound }: Exchange, host: string, target: string): string {
  const resource = resourceOf(host, target, rules.queryFilter);
  const { scheme, client, fields } = inbound;
  const own = rules.hasKey
    ? rules.key(requestView({ method: 'GET', target, host, scheme, client, fields }))
    : undefined;
  return own ?? resource.host + resource.path;
}
