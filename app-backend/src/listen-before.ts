/** The listener of the app tier, before the gateway of either runtime. */
import { type Listener, listen } from '@trivet/kit/http1/listener.ts';
import type { UpgradeHandler } from '@trivet/kit/http1/upgrade.ts';
import type { Runtime } from '@trivet/kit/process/tier.ts';
import type { AppConfig } from '../settings.ts';
import { concludeWith, fastLane } from './fast-lane.ts';
import { listeningAt, type ServerFacts } from './gateway/environ.ts';
import type { Gateway } from './gateway/gateway.ts';
import { behind } from './static/behind.ts';
import type { StaticPlaces } from './static/static-places.ts';
import { guarded } from './watchdog/guarded.ts';
import type { Watchdog } from './watchdog/watchdog.ts';

export type ListenBefore = {
  /** Whom requests are for: made after the listener, whose address it tells applications, and asked once they come. */
  gateway(): GatewayBehind;
  /** What the server answers from itself. */
  readonly files: StaticPlaces;
  readonly watchdog?: Watchdog | undefined;
  readonly onUpgrade?: UpgradeHandler | undefined;
  onDrain?(): void;
};

type GatewayBehind = Pick<Gateway, 'serve'> & { handle(...of: Parameters<Gateway['handle']>): void | Promise<void> };

/** Listens where the settings say. Rejects as Node does (EADDRINUSE …). */
export async function listenBefore(
  { config, log, accessLog, metrics, own }: Runtime<AppConfig>,
  { gateway, files, watchdog, onUpgrade, onDrain }: ListenBefore,
): Promise<Listener> {
  const lane = {
    serverTiming: config.serverTiming,
    conclude: concludeWith(metrics, accessLog),
    isElsewhere: (target: string) => files.covers(target),
    watchdog,
  };
  const listening = await listen({
    tier: 'app-backend',
    listen: config.listen,
    limits: config,
    trusted: config.trustedProxies,
    onRequest: behind(
      files,
      guarded(watchdog, (inbound, response) => gateway().handle(inbound, response)),
    ),
    ...(onUpgrade && { onUpgrade }),
    ...(onDrain && { onDrain }),
    needsHeads: accessLog.needsHeads,
    onExchange: (record) => {
      metrics.exchange(record);
      accessLog.exchange(record);
    },
    fastLane: config.fastLane ? fastLane(gateway, lane) : undefined,
    log,
  });
  return own.use(listening);
}

/** What the gateway behind it tells applications of the server. */
export function factsOf({ addresses }: Pick<Listener, 'addresses'>, { mount, workers }: AppConfig): ServerFacts {
  return { ...listeningAt(addresses), mount, isMultiprocess: workers > 1 };
}
