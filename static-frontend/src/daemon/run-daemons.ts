/** Starts the processes of the app and keeps them: their folder, their log lines, their numbers, the file that reloads them. */
import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import { parseLine } from '@trivet/kit/process/log-lines.ts';
import type { Metrics } from '@trivet/kit/process/metrics.ts';
import { privateFolder } from '@trivet/kit/process/private-folder.ts';
import type { Environment } from '@trivet/kit/process/settings.ts';
import { touchFile } from '@trivet/kit/process/touch-file.ts';
import { watchFile } from '@trivet/kit/process/watch-file.ts';
import type { FrontConfig } from '../../settings.ts';
import type { SaidBy } from './daemon-process.ts';
import { Daemons } from './daemons.ts';
import { applicationFile, readDaemonSettings } from './settings.ts';

/** What the process that owns them has for them. */
export type DaemonsHost = {
  readonly config: Pick<FrontConfig, 'daemonTouch' | 'daemonStartupTimeout' | 'logFormat'>;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Ends them when it is disposed. */
  readonly own: AsyncDisposableStack;
  relay(line: string): void;
};

const appTier = fileURLToPath(new URL('../../../app-backend/main.ts', import.meta.url));

/**
 * Resolves once each is ready, or has fallen and is tried again.
 * @throws SettingsProblem when what the user set or wrote keeps the app from starting; StartProblem without a place for sockets.
 */
export async function runDaemons(host: DaemonsHost, env: Environment): Promise<Daemons> {
  const { config, log, own } = host;
  const { count, timeoutMs, gracefulMs, chdir, ...app } = readDaemonSettings(env);
  if (!existsSync(appTier))
    throw new StartProblem(`FRONT_UPSTREAM: daemon: needs the app tier, and there is no ${appTier}`);
  const folder = await privateFolder('app', '1234567.admin.sock', 'processes of the app');
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // At a second signal nothing is disposed.
  process.once('exit', remove);
  own.defer(() => {
    process.off('exit', remove);
    remove();
  });
  const program = { main: appTier, env, onLine: lineWriter(host) };
  const { daemonStartupTimeout, daemonTouch } = config;
  const startupMs = daemonStartupTimeout || Number.POSITIVE_INFINITY;
  const daemons = own.use(new Daemons({ count, timeoutMs, limits: { startupMs, gracefulMs }, program, folder, log }));
  measure(daemons, host.metrics);
  const touch = daemonTouch === '' ? resolve(chdir, applicationFile(app)) : resolve(daemonTouch);
  const touched = touchFile(touch, () => void daemons.reload(`${touch} was touched`));
  await daemons.start();
  own.use(watchFile(touched, { log }));
  return daemons;
}

/** Their log is part of ours; what else they print is told with the number of who did. */
function lineWriter({ config, log, relay }: DaemonsHost) {
  return (line: string, by: SaidBy) => {
    const record = parseLine(line);
    // In the combined format a request has one line, and that is the front's.
    const isOfRequests = config.logFormat !== 'json' && config.logFormat !== 'pretty';
    if (isOfRequests && record?.msg === 'exchange') return;
    if (record?.tier === 'app-backend') relay(line);
    else if (by.stream === 'stderr') log.warn(by, line);
    else log.info(by, line);
  };
}

function measure(daemons: Daemons, metrics: Metrics): void {
  metrics.gauge('trivet_daemons', 'Processes of the app that serve.', () => daemons.serving.ready.length);
  metrics.counters('trivet_daemon_ends_total', 'Processes of the app that ended, by reason.', ['reason'], () =>
    Object.entries(daemons.ends).map(([reason, count]) => [{ reason }, count] as const),
  );
}
