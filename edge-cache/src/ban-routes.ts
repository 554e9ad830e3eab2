/** Bans over the admin API. */
import type { Express } from 'express';
import { previewBan, untested } from './machine/ban-census.ts';
import { addBan } from './machine/banner.ts';
import type { Edge } from './machine/edge.ts';
import { readBan } from './policy/ban-order.ts';

/** Mounts `POST /ban` and `GET /bans`. */
export function banRoutes(app: Express, edge: Edge): void {
  app.post('/ban', async (request, response) => {
    const order = readBan(request.body);
    if ('error' in order) return void response.status(400).json(order);
    const { ban, dryRun } = order;
    const expression = ban.text;
    if (dryRun) return void response.json({ dryRun, expression, ...(await previewBan(edge, ban)) });
    const addition = addBan(edge, ban);
    if (addition.verdict === 'full') return void response.status(503).json({ error: addition.why });
    const { listed, superseded } = addition;
    response.json({ banned: true, id: listed.id, expression, superseded, inForce: edge.bans.size });
  });
  app.get('/bans', async (_request, response) => {
    const bans = edge.bans.all();
    const counts = await untested(edge, bans);
    const list = bans.map(({ id, ban, addedAt, tested, taken, ended }) => ({
      id,
      expression: ban.text,
      added: new Date(addedAt).toISOString(),
      needsRequest: ban.needsRequest,
      tested,
      taken,
      untested: counts.get(id) ?? 0,
      completed: ended !== undefined,
      ended: ended ?? null,
    }));
    response.json(list);
  });
}
