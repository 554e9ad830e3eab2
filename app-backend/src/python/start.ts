/** Puts the app tier together for applications in Python: workers, the dispatcher of their slots, the gateway, the listener. */
import type { BodyPlaces } from '@trivet/kit/http1/body/intake.ts';
import type { Environment } from '@trivet/kit/process/settings.ts';
import type { Runtime, Started } from '@trivet/kit/process/tier.ts';
import type { AppConfig } from '../../settings.ts';
import { factsOf, listenBefore } from '../listen-before.ts';
import { reloadAtChange } from '../reload-at-change.ts';
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
  runtime: Runtime<AppConfig>,
  dispatcher: Dispatcher,
  { files, places, pool }: { readonly files: StaticPlaces; readonly places: BodyPlaces; readonly pool: PythonPool },
): Promise<Started['listening']> {
  const { config, log } = runtime;
  const listening = await listenBefore(runtime, { gateway: () => gateway, files, onDrain: () => pool.drain() });
  const { requestTimeout: requestTimeoutMs, serverTiming, requestBuffering, bodyLimit } = config;
  // Before the first request, which comes a turn of the loop later.
  const gateway = new PythonGateway({
    dispatcher,
    server: factsOf(listening, config),
    ...{ requestTimeoutMs, serverTiming, requestBuffering, bodyLimit, places, log },
  });
  return listening;
}
