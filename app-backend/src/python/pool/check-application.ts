import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { noLog } from '@trivet/kit/process/log.ts';
import { privateFolder } from '@trivet/kit/process/private-folder.ts';
import { type Environment, SettingsProblem } from '@trivet/kit/process/settings.ts';
import type { AppConfig } from '../../../settings.ts';
import { Generation } from './generation.ts';
import { checkPlaces, configureOf, shim } from './open-pool.ts';

/**
 * Imports the application in Python, as a fork server does that preloads it, and makes no worker. What it prints goes to `print`.
 * @throws SettingsProblem or StartProblem with what keeps it from loading.
 */
export async function checkApplication(
  config: AppConfig,
  env: Environment,
  print: (line: string) => void,
): Promise<void> {
  await checkPlaces(config, env);
  const folder = await privateFolder('python', '1234567.sock', 'Python workers');
  try {
    const generation = new Generation({
      program: { python: config.python, shim, env },
      configure: { ...configureOf(config, 1), preload: true },
      socket: join(folder, '1.sock'),
      log: noLog,
      onPrinted: print,
    });
    const failure = await generation.tried;
    generation.letGo();
    if (failure !== undefined) throw new SettingsProblem(failure.problems);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
