/** Puts the app tier together for applications in Python: workers, the dispatcher of their slots, the gateway, the listener. */
import type { BodyPlaces } from '@trivet/kit/http1/body/intake.ts';
import { listen } from '@trivet/kit/http1/listener.ts';
import type { Environment } from '@trivet/kit/process/settings.ts';
import type { Runtime, Started } from '@trivet/kit/process/tier.ts';
import type { AppConfig } from '../../settings.ts';
import { concludeWith, type FastLaneOptions, fastLane } from '../fast-lane.ts';
import { reloadAtChange } from '../reload-at-change.ts';
import { behind } from '../static/behind.ts';
import { placesOf } from '../static/places-of.ts';
import type { StaticPlaces } from '../static/static-places.ts';
import { Dispatcher } from './dispatcher.ts';
import { openPool } from './pool/open-pool.ts';
import type { PythonPool } from './pool/pool.ts';
import { measure, statsOf } from './pool/report.ts';
import { PythonGateway } from './python-gateway.ts';
import { openBodyPlaces } from './request-bodies.ts';

/**
 * Starts the workers, and listens once each of them is ready, or has fallen and is tried again.
 * @throws StartProblem or SettingsProblem when the user has to mend something first.
 */
export async function startPython(runtime: Runtime<AppConfig>, env: Environment): Promise<Started> {
  const { config, metrics, own } = runtime;
  const files = placesOf(config);
  // One of several processes of this tier has one worker: it is they who are many.
  const wanted = runtime.siblings === undefined ? config.workers : 1;
  const pool: PythonPool = await openPool({ ...runtime, env, wanted });
  const dispatcher = own.use(dispatcherOf(config, () => pool));
  pool.follow(dispatcher);
  const places = own.use(await openBodyPlaces(config));
  runtime.conduct?.(pool);
  await pool.start();
  if (pool.isStopping) throw new Error('it was told to end before it listened');
  if (config.reload && runtime.siblings === undefined) own.use(reloadAtChange(config, runtime.log));
  const listening = await listenFor(runtime, dispatcher, { files, places, pool });
  const reported = { pool, slots: dispatcher, threads: config.threads };
  measure(reported, metrics);
  return {
    listening,
    ready: () => pool.readiness,
    stats: () => statsOf(reported),
    arbiter: pool,
  };
}

function dispatcherOf({ queue, queueTimeout, timeout }: AppConfig, pool: () => PythonPool): Dispatcher {
  return new Dispatcher({ queue, queueTimeoutMs: queueTimeout, timeoutMs: timeout, pool });
}

async function listenFor(
  { config, log, accessLog, metrics, own }: Runtime<AppConfig>,
  dispatcher: Dispatcher,
  { files, places, pool }: { readonly files: StaticPlaces; readonly places: BodyPlaces; readonly pool: PythonPool },
): Promise<Started['listening']> {
  const lane: FastLaneOptions = {
    serverTiming: config.serverTiming,
    conclude: concludeWith(metrics, accessLog),
    isElsewhere: (target) => files.covers(target),
  };
  const listening = await listen({
    tier: 'app-backend',
    listen: config.listen,
    limits: config,
    trusted: config.trustedProxies,
    onRequest: behind(files, (inbound, response) => gateway.handle(inbound, response)),
    onDrain: () => pool.drain(),
    needsHeads: accessLog.needsHeads,
    onExchange: (record) => {
      metrics.exchange(record);
      accessLog.exchange(record);
    },
    fastLane: config.fastLane ? fastLane(() => gateway, lane) : undefined,
    log,
  });
  own.use(listening);
  const { mount, workers, requestTimeout, serverTiming, requestBuffering, bodyLimit } = config;
  // After the listener, whose address it tells applications; before the first request, which comes a turn of the loop later.
  const gateway = new PythonGateway({
    dispatcher,
    server: {
      listensAt: listening.address.kind === 'tcp' ? listening.address : undefined,
      mount,
      isMultiprocess: workers > 1,
    },
    requestTimeoutMs: requestTimeout,
    ...{ serverTiming, requestBuffering, bodyLimit, places, log },
  });
  return listening;
}
