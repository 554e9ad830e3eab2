/** What the admin API of an edge has beyond that of every tier: statistics, purges, explanations. */
import type { Express } from 'express';
import { banRoutes } from './ban-routes.ts';
import { explain } from './explain.ts';
import type { Edge } from './machine/edge.ts';
import { purge } from './machine/purger.ts';
import { readPurge } from './policy/purge.ts';

/** The part of `/stats` that is this tier's. */
export function report({ store, flights, uncacheable, counters, bans }: Edge): object {
  return {
    store: store.stats(),
    fetches: flights.size,
    uncacheableKeys: uncacheable.size,
    bans: bans.stats(),
    answers: { ...counters },
  };
}

/** Mounts `POST /purge` and `GET /explain`. */
export function adminRoutes(app: Express, edge: Edge): void {
  banRoutes(app, edge);
  app.post('/purge', (request, response) => {
    const reading = readPurge(request.body);
    if (reading.verdict === 'bad') return void response.status(400).json({ error: reading.why });
    response.json({ purged: purge(edge, reading.order) });
  });
  app.get('/explain', (request, response) => {
    const explanation = explain(edge, new URL(request.originalUrl, 'http://admin').searchParams);
    if ('error' in explanation) return void response.status(400).json(explanation);
    response.json(explanation);
  });
}
