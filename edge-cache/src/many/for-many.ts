/** The admin API of an edge of several workers: what only the edge has, asked of all of them and answered once. */

import type { Crew } from '@trivet/kit/process/workers/crew.ts';
import { AT_ONCE_MS, type FanOut, fanOut } from '@trivet/kit/process/workers/fan-out.ts';
import type { ForMany, OfMany } from '@trivet/kit/process/workers/for-many.ts';
import type { Express } from 'express';
import type { EdgeConfig } from '../../settings.ts';
import { newCounters } from '../machine/counters.ts';
import { PurgeGate } from '../machine/purge-gate.ts';
import { limited } from '../report.ts';
import { banRoutes, purgeRoute } from './change-routes.ts';
import { explainRoute } from './explain.ts';
import { LogOfMany } from './live-log.ts';
import { policyRoutes } from './policy.ts';
import { statsRules, topQuestion, topTogether, varnishstatRules } from './rules.ts';

/** For `runTier`. */
export function forMany({ config, crew, log, metrics }: OfMany<EdgeConfig>): ForMany {
  const counters = newCounters();
  const gate = new PurgeGate({ perSecond: config.purgeRate, counters, log, clock: Date.now });
  metrics.counter('trivet_purges_delayed_total', 'Beyond the rate of purges.', () => counters.purgesDelayed);
  const liveLog = new LogOfMany(crew);
  // A purge that a worker was asked for counts for the rate of all.
  crew.onTold = (what) => isPurge(what) && gate.note();
  return {
    stats: statsRules,
    ownStats: () => ({ answers: { purgesDelayed: counters.purgesDelayed } }),
    adminRoutes(app: Express) {
      app.post(['/purge', '/ban'], limited(gate));
      purgeRoute(app, crew);
      banRoutes(app, crew);
      explainRoute(app, crew);
      policyRoutes(app, crew);
      app.get('/log', (request, response) => liveLog.listen(request, response));
      countRoutes(app, crew);
    },
  };
}

/** Mounts `GET /top` and `GET /varnishstat`: each worker has its numbers at hand. */
export function countRoutes(app: Express, crew: Pick<Crew, 'hands'>): void {
  const deadlineMs = AT_ONCE_MS;
  const top: FanOut = { question: topQuestion, merge: topTogether, deadlineMs };
  app.get('/top', (request, response) => fanOut(crew, request, response, top));
  const varnishstat: FanOut = { merge: varnishstatRules, deadlineMs };
  app.get('/varnishstat', (request, response) => fanOut(crew, request, response, varnishstat));
}

function isPurge(what: unknown): boolean {
  return typeof what === 'object' && what !== null && 'do' in what && what.do === 'purge';
}
