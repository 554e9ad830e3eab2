import { Fault } from '@trivet/kit/semantics/fault.ts';
import { conclude, ownFields } from './conclude.ts';
import type { Edge } from './edge.ts';
import { purgeElsewhere } from './elsewhere.ts';
import type { Exchange, Turn } from './exchange.ts';
import { purge } from './purger.ts';

/** The method PURGE: forgets every variant of the URL it is sent to, and says how many there were. */
export async function purgeStep(x: Exchange, edge: Edge, soft: boolean): Promise<Turn> {
  const waitMs = edge.purgeGate.waitMs(x.inbound.client);
  if (waitMs > 0) throw new Fault('too-many-purges', `the next one passes in ${Math.ceil(waitMs)}ms`);
  const { host, path } = x.resource;
  const order = { selector: { by: 'url', host, path }, soft, dryRun: false } as const;
  const purged = purge(edge, order) + (edge.siblings === undefined ? 0 : await purgeElsewhere(edge, order));
  const body = Buffer.from(`${JSON.stringify({ purged })}\n`);
  const fields = [
    ...['Content-Type', 'application/json', 'Content-Length', String(body.length), 'Cache-Control', 'no-store'],
    ...['Via', '1.1 edge-cache', ...conclude(x, edge, 200, { detail: 'purge' }), ...ownFields(x, edge)],
  ];
  x.response.writeHead(200, fields);
  x.response.end(body);
  return { step: 'done' };
}
