/** Puts the app tier together: the user's application behind the gateway, the gateway behind a listener. */
import { listen } from '@trivet/kit/http1/listener.ts';
import type { Runtime, Started } from '@trivet/kit/process/tier.ts';
import type { AppConfig } from '../settings.ts';
import { concludeWith, fastLane } from './fast-lane.ts';
import { Gateway } from './gateway/gateway.ts';
import { loadSite } from './load-site.ts';

/** Loads what `start` would load, and opens nothing. @throws StartProblem */
export async function check({ application, chdir }: AppConfig): Promise<void> {
  await loadSite({ ...application, folder: chdir });
}

/** Starts listening and says how it goes on. Rejects with a StartProblem when the application cannot be loaded. */
export async function start({ config, log, accessLog, metrics, own }: Runtime<AppConfig>): Promise<Started> {
  const { application, chdir, workers } = config;
  surviveForgottenPromises({ log, own });
  const site = await loadSite({ ...application, folder: chdir });
  const hasUpgrades = Object.keys(site.upgrades).length > 0;
  const listening = await listen({
    tier: 'app-backend',
    listen: config.listen,
    limits: config,
    trusted: config.trustedProxies,
    onRequest: (inbound, response) => gateway.handle(inbound, response),
    ...(hasUpgrades && { onUpgrade: (inbound, socket, head) => gateway.upgrade(inbound, socket, head) }),
    onDrain: () => gateway.drain(),
    onExchange: (record) => {
      metrics.exchange(record);
      accessLog.exchange(record);
    },
    fastLane: config.fastLane
      ? fastLane(() => gateway, { serverTiming: config.serverTiming, conclude: concludeWith(metrics, accessLog) })
      : undefined,
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
