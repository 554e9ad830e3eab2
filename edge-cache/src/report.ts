/** What the admin API of an edge has beyond that of every tier: statistics, purges, explanations, the live log. */
import type { Express, RequestHandler, Response } from 'express';
import { banRoutes } from './ban-routes.ts';
import { explainRoute } from './explain/explain.ts';
import type { Edge } from './machine/edge.ts';
import type { PurgeGate } from './machine/purge-gate.ts';
import { carryOut } from './machine/purger.ts';
import { type PurgeReading, readPurge } from './policy/purge.ts';
import { topFew, watchRoutes } from './watch/routes.ts';
import { varnishCounters } from './watch/varnish-counters.ts';

/** The part of `/stats` that is this tier's. */
export function report(edge: Edge): object {
  const { store, flights, uncacheable, counters, bans, watch } = edge;
  return {
    store: store.stats(),
    fetches: flights.size,
    uncacheableKeys: uncacheable.size,
    bans: bans.stats(),
    answers: { ...counters },
    counters: varnishCounters({ edge }),
    top: topFew(edge),
    listeners: watch.log.listeners,
  };
}

/** Mounts `POST /purge`, `POST /ban`, `GET /explain` and what there is to watch. */
export function adminRoutes(app: Express, edge: Edge): void {
  app.post(['/purge', '/ban'], limited(edge.purgeGate));
  banRoutes(app, edge);
  purgeRoute(app, edge);
  explainRoute(app, edge);
  watchRoutes(app, edge);
}

/** Purges and bans come at the rate that is set, those of the public port counted too. */
export function limited(gate: PurgeGate): RequestHandler {
  return (request, response, next) => {
    const waitMs = gate.waitMs(request.socket.remoteAddress ?? 'unix');
    if (waitMs === 0) return next();
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    response.status(429).set('Retry-After', String(seconds));
    response.json({ error: `too many purges: the next one passes in ${Math.ceil(waitMs)}ms` });
  };
}

function purgeRoute(app: Express, edge: Edge): void {
  app.post('/purge', (request, response) => {
    const reading = readPurge(request.body);
    if (reading.verdict === 'bad') return refusePurge(response, reading);
    const results = reading.orders.map((order) => carryOut(edge, order));
    if (!reading.isBatch) return void response.json(results[0]);
    response.json({ purged: results.reduce((sum, { purged }) => sum + purged, 0), results });
  });
}

/** Says what is wrong with an order. */
export function refusePurge(response: Response, { why: error, index }: PurgeReading & { verdict: 'bad' }): void {
  response.status(400).json(index === undefined ? { error } : { error, index });
}
