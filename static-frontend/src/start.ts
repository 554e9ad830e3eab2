/** Puts the tier together and lets it listen. What cannot be served is said before the first request, not by it. */

import { Root } from '@trivet/kit/files/root.ts';
import { recordOf } from '@trivet/kit/http1/exchange.ts';
import { listen } from '@trivet/kit/http1/listener.ts';
import type { AccessLog } from '@trivet/kit/process/access-log.ts';
import { slotOf } from '@trivet/kit/process/exchange-counts.ts';
import { liveFileRoutes } from '@trivet/kit/process/live-file-routes.ts';
import { loadUserFile, StartProblem } from '@trivet/kit/process/load-file.ts';
import { noLog } from '@trivet/kit/process/log.ts';
import type { Metrics } from '@trivet/kit/process/metrics.ts';
import type { Environment } from '@trivet/kit/process/settings.ts';
import type { Runtime, Started } from '@trivet/kit/process/tier.ts';
import type { ForMany, OfMany } from '@trivet/kit/process/workers/for-many.ts';
import { liveFileRoutes as liveFileRoutesOfMany } from '@trivet/kit/process/workers/live-file-routes.ts';
import { byName } from '@trivet/kit/process/workers/merge.ts';
import type { FrontConfig } from '../settings.ts';
import { appForMany, openApp } from './daemon/app-upstream.ts';
import { type Conclude, fastLane } from './fast-lane.ts';
import { type Live, tier } from './front.ts';
import { handler } from './handle.ts';
import { Limits } from './limits/limits.ts';
import { followSite, openLiveSite, stateOf } from './live-site.ts';
import { readySite } from './load-site.ts';
import { measure } from './measure.ts';
import { openFront, openLasting } from './open-front.ts';
import { Proxying } from './proxy/proxying.ts';
import { upgradeHandler } from './upgrade.ts';

/** Starts the tier; everything it opens is put into `own`. `env` is what processes of the app get, if there are any. */
export async function start(runtime: Runtime<FrontConfig>, env: Environment): Promise<Started> {
  const { config, log, accessLog, metrics, own } = runtime;
  const limits = new Limits();
  const site = await openLiveSite(config.site, { limits, log, clock: Date.now });
  const root = await openRoot(config);
  const proxying = own.use(await Proxying.open(config));
  const ownApp = await openApp(runtime, env);
  const lasting = openLasting({ config, root, limits, proxying, app: ownApp.addresses, ready: site.value, log }, own);
  ownApp.follow(lasting.upstreams);
  const live: Live = { front: openFront(site.value, lasting) };
  own.use(followSite(site, live, lasting, { watch: config.siteWatch, log }));
  const listening = own.use(
    await listen({
      tier,
      listen: config.listen,
      limits: config,
      trusted: config.trustedProxies,
      proxyProtocol: config.proxyProtocol,
      oddFields: config.oddFields,
      answersHalfClosed: true,
      onRequest: handler(live),
      onUpgrade: upgradeHandler(live),
      onDrain: () => lasting.upstreams.drain(),
      needsHeads: accessLog.needsHeads,
      onExchange: (record) => {
        metrics.exchange(record);
        accessLog.exchange(record);
      },
      log,
      fastLane: lasting.newHotFiles && fastLane(live, concludeWith(metrics, accessLog)),
    }),
  );
  measure({ live, lasting, site }, metrics);
  return {
    listening,
    ready: () => [root.ready(), ownApp.ready()].find((word) => word !== true) ?? true,
    stats: () => ({
      upstreams: lasting.upstreams.stats(),
      hotFiles: live.front.hotFiles?.stats(),
      openFiles: lasting.openFiles?.stats(),
      limits: limits.stats(),
      ...ownApp.stats(),
    }),
    adminRoutes: (app) => liveFileRoutes(app, 'site', { state: () => stateOf(site), reload: () => site.reload() }),
    reload: () => {
      void site.reload();
      ownApp.reload?.('SIGHUP');
    },
  };
}

async function openRoot({ root, symlinks }: FrontConfig): Promise<Root> {
  return await Root.open(root, 'FRONT_ROOT', undefined, symlinks);
}

/** Loads what `start` would load, and opens nothing. @throws StartProblem naming all that is wrong. */
export async function check(config: FrontConfig): Promise<void> {
  const guarding = { limits: new Limits(), log: noLog };
  const site = async () => readySite(await loadUserFile(config.site, 'default', 'FRONT_SITE'), 'FRONT_SITE', guarding);
  const outcomes = await Promise.allSettled([openRoot(config), site()]);
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  const odd = failures.find((failure) => !(failure instanceof StartProblem));
  if (odd !== undefined) throw odd;
  const problems = failures.flatMap((failure) => (failure instanceof StartProblem ? failure.problems : []));
  if (problems.length > 0) throw new StartProblem(problems.join('; '), { problems });
}

function concludeWith(metrics: Metrics, accessLog: AccessLog): Conclude {
  return (inbound, status, given) => {
    metrics.count(slotOf(inbound.method, status, given.outcome), given.ms, given.bytes);
    if (accessLog.wants(inbound.target, status)) accessLog.write(recordOf(inbound, { status, ...given }, undefined));
  };
}

/** Each worker asks the members of an upstream on its own, and loads the site for itself; what they do is added up. */
export async function forMany(many: OfMany<FrontConfig>, env: Environment): Promise<ForMany> {
  const members = byName('address', {
    ...{ dnsAgeMs: 'max', ejectedForMs: 'max', probe: 'first' },
    ...{ weight: 'max', ewmaMs: 'max' },
  });
  return {
    ...(await appForMany(many, env)),
    stats: { 'upstreams/*/addresses': members, 'upstreams/*/mostWaiting': 'max' },
    adminRoutes: (app) => liveFileRoutesOfMany(app, 'site', many.crew, { version: 'max', failures: 'max' }),
  };
}
