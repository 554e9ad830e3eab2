/** Puts the app tier together: the user's application behind the gateway, the gateway behind a listener. */
import type { Environment } from '@trivet/kit/process/settings.ts';
import type { Runtime, Started } from '@trivet/kit/process/tier.ts';
import type { ForMany, OfMany } from '@trivet/kit/process/workers/for-many.ts';
import type { AppConfig } from '../settings.ts';
import { Gateway } from './gateway/gateway.ts';
import { factsOf, listenBefore } from './listen-before.ts';
import { loadSite } from './load-site.ts';
import { reloadAtChange } from './reload-at-change.ts';
import { placesOf } from './static/places-of.ts';
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

async function startNode(runtime: Runtime<AppConfig>): Promise<Started> {
  const { config, log, own, siblings } = runtime;
  const { application, chdir } = config;
  surviveForgottenPromises({ log, own });
  const files = placesOf(config);
  // A process that nobody would replace is not ended either.
  const watchdog = siblings === undefined ? undefined : own.use(watchdogFor(config));
  const site = await loadSite({ ...application, folder: chdir });
  // Not before: loading an application may take as long as it likes.
  watchdog?.arm();
  const hasUpgrades = Object.keys(site.upgrades).length > 0;
  const listening = await listenBefore(runtime, {
    gateway: () => gateway,
    files,
    watchdog,
    onUpgrade: hasUpgrades ? (inbound, socket, head) => gateway.upgrade(inbound, socket, head) : undefined,
    onDrain: () => gateway.drain(),
  });
  // Before the first request, which comes a turn of the loop later.
  const { requestTimeout: requestTimeoutMs, serverTiming } = config;
  const gateway = new Gateway({ site, server: factsOf(listening, config), requestTimeoutMs, serverTiming, log });
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
