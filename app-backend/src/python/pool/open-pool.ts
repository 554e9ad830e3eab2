/** Makes the pool from the settings: checks what it needs, and has a folder for its sockets. */
import { rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import { privateFolder } from '@trivet/kit/process/private-folder.ts';
import type { Environment } from '@trivet/kit/process/settings.ts';
import type { Runtime } from '@trivet/kit/process/tier.ts';
import type { AppConfig } from '../../../settings.ts';
import { type PoolOptions, PythonPool } from './pool.ts';
import { checkPython } from './python-version.ts';
import { pythonApplication } from './settings.ts';

/** The file that every worker runs. */
export const shim = fileURLToPath(new URL('../../../python/trivet_worker.py', import.meta.url));

export type PoolHost = Pick<Runtime<AppConfig>, 'config' | 'log' | 'own' | 'relay'> & {
  readonly env: Environment;
  /** How many workers; the tier is one of several processes where that is not `APP_WORKERS`. */
  readonly wanted: number;
};

/**
 * Nobody is started yet; `own` ends all of them.
 * @throws StartProblem without a Python that can be used, without the application's folder, or without one for sockets.
 */
export async function openPool({ config, env, wanted, log, own, relay }: PoolHost): Promise<PythonPool> {
  await checkPlaces(config, env);
  const folder = await privateFolder('python', '1234567.sock', 'Python workers');
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // At a second signal nothing is disposed.
  process.once('exit', remove);
  own.defer(() => {
    process.off('exit', remove);
    remove();
  });
  const { python, timeout, startupTimeout, gracefulTimeout } = config;
  const { maxRequests, maxRequestsJitter, maxAge: maxAgeMs, maxRss: maxRssBytes } = config;
  return own.use(
    new PythonPool({
      ...{ python, shim, env, folder, wanted, log, relay },
      configure: configureOf(config, wanted),
      timeoutMs: timeout,
      limits: { startupMs: startupTimeout || Number.POSITIVE_INFINITY, gracefulMs: gracefulTimeout },
      wear: { maxRequests, maxRequestsJitter, maxAgeMs, maxRssBytes },
    }),
  );
}

/** What can be said without starting a worker. @throws StartProblem */
export async function checkPlaces({ python, chdir }: Pick<AppConfig, 'python' | 'chdir'>, env: Environment) {
  const folder = resolve(chdir);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new StartProblem(`APP_CHDIR: there is no folder ${folder}`);
  }
  await checkPython(python, env);
}

/** The application as a fork server is told of it. */
export function configureOf(config: AppConfig, workers: number): PoolOptions['configure'] {
  const application = pythonApplication(config.application.text) ?? '';
  const { chdir, threads, preload, hooks } = config;
  const multiprocess = config.workers > 1;
  return { ...{ application, threads, workers, preload, hooks, multiprocess }, chdir: resolve(chdir), name: 'trivet' };
}
