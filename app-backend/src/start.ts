/** Puts the app tier together: the user's application behind the gateway, the gateway behind a listener. */
import { listen } from '@trivet/kit/http1/listener.ts';
import type { Environment } from '@trivet/kit/process/settings.ts';
import type { Runtime, Started } from '@trivet/kit/process/tier.ts';
import type { ForMany, OfMany } from '@trivet/kit/process/workers/for-many.ts';
import type { AppConfig } from '../settings.ts';
import { concludeWith, type FastLaneOptions, fastLane } from './fast-lane.ts';
import { Gateway } from './gateway/gateway.ts';
import { loadSite } from './load-site.ts';
import { reloadAtChange } from './reload-at-change.ts';
import { behind } from './static/behind.ts';
import { placesOf } from './static/places-of.ts';
import { guarded } from './watchdog/guarded.ts';
import { Watchdog } from './watchdog/watchdog.ts';

/** Loads what `start` would load, and opens nothing. @throws StartProblem or SettingsProblem */
export async function check(config: AppConfig, env: Environment): Promise<void> {
  const { application, chdir, runtime } = config;
  placesOf(config);
  if (runtime === 'node') {
    await loadSite({ ...application, folder: chdir });
    return;
  }
  const { checkApplication } = await import('./python/pool/check-application.ts');
  await checkApplication(config, env, (line) => process.stderr.write(`${line}\n`));
}

/** For the process that looks after the workers: in development, it tells itself to reload. */
export function forMany({ config, log, own }: Pick<OfMany<AppConfig>, 'config' | 'log' | 'own'>): ForMany {
  if (config.reload) own.use(reloadAtChange(config, log));
  return {};
}

/**
 * Starts listening and says how it goes on. Rejects with a StartProblem, or SettingsProblem, when the application cannot be
 * loaded.
 */
export async function start(runtime: Runtime<AppConfig>, env: Environment): Promise<Started> {
  if (runtime.config.runtime === 'node') return await startNode(runtime);
  // Not before it is needed: applications in TypeScript have nothing to do with any of it.
  const { startPython } = await import('./python/start.ts');
  return await startPython(runtime, env);
}

async function startNode({ config, log, accessLog, metrics, own, siblings }: Runtime<AppConfig>): Promise<Started> {
  const { application, chdir, workers } = config;
  surviveForgottenPromises({ log, own });
  const places = placesOf(config);
  // A process that nobody would replace is not ended either.
  const watchdog = siblings === undefined ? undefined : own.use(watchdogFor(config));
  const site = await loadSite({ ...application, folder: chdir });
  // Not before: loading an application may take as long as it likes.
  watchdog?.arm();
  const hasUpgrades = Object.keys(site.upgrades).length > 0;
  const lane: FastLaneOptions = {
    serverTiming: config.serverTiming,
    conclude: concludeWith(metrics, accessLog),
    isElsewhere: (target) => places.covers(target),
    watchdog,
  };
  const listening = await listen({
    tier: 'app-backend',
    listen: config.listen,
    limits: config,
    trusted: config.trustedProxies,
    onRequest: behind(
      places,
      guarded(watchdog, (inbound, response) => gateway.handle(inbound, response)),
    ),
    ...(hasUpgrades && { onUpgrade: (inbound, socket, head) => gateway.upgrade(inbound, socket, head) }),
    onDrain: () => gateway.drain(),
    needsHeads: accessLog.needsHeads,
    onExchange: (record) => {
      metrics.exchange(record);
      accessLog.exchange(record);
    },
    fastLane: config.fastLane ? fastLane(() => gateway, lane) : undefined,
    log,
  });
  own.use(listening);
  // After the listener, whose address it tells applications; before the first request, which comes a turn of the loop later.
  const gateway = new Gateway({
    site,
    server: {
      listensAt: listening.address.kind === 'tcp' ? listening.address : undefined,
      mount: config.mount,
      isMultiprocess: workers > 1,
    },
    requestTimeoutMs: config.requestTimeout,
    serverTiming: config.serverTiming,
    log,
  });
  return { listening, stats: () => ({ workers: [thisProcess(listening.isDraining, gateway.requests)] }) };
}

/** Garbage may be collected for so long without a turn of the event loop. */
const leastOrphanMs = 1_000;

/** Whose arbiter is gone has as long to hear of it as its requests would have then. */
function watchdogFor({ timeout, gracefulTimeout }: AppConfig): Watchdog {
  return new Watchdog({ timeoutMs: timeout, orphanMs: Math.max(leastOrphanMs, gracefulTimeout) });
}

function thisProcess(isDraining: boolean, requests: number) {
  return {
    pid: process.pid,
    state: isDraining ? 'draining' : 'ready',
    ageSeconds: Math.round(process.uptime()),
    requests,
    rssBytes: process.memoryUsage.rss(),
  };
}

/** A promise that an application forgot to await fails with nobody's request; the server goes on with all the others. */
function surviveForgottenPromises({ log, own }: Pick<Runtime<AppConfig>, 'log' | 'own'>): void {
  const report = (error: unknown) => log.error({ err: error }, 'a promise was rejected and nobody handled it');
  process.on('unhandledRejection', report);
  own.defer(() => void process.off('unhandledRejection', report));
}
