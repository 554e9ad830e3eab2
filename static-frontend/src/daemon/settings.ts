/** The settings of the app that the front goes by when it runs the app itself; the app has them all from its environment. */
import {
  type ConfigOf,
  type Environment,
  given,
  load,
  type Rule,
  type Table,
  table,
} from '@trivet/kit/process/settings.ts';
import { row } from '@trivet/kit/process/shared-settings.ts';
import { count, duration, reader, text } from '@trivet/kit/process/units.ts';
import type { settings as frontSettings } from '../../settings.ts';

const longestCount = 1024;

const application = reader((value) => {
  // Of Python a module is enough.
  if (value.lastIndexOf(':') < 1 && !moduleName.test(value))
    throw new Error(`${JSON.stringify(value)} is not FILE:NAME`);
  return value;
});

const moduleName = /^[\p{L}_][\p{L}\p{N}_.]*(?<!\.[cm]?[jt]s)$/u;

const settings = table({
  count: {
    ...row('APP', ['WORKERS', '1'], count(1, longestCount), 'Processes of the app.'),
    otherwise: [{ env: 'WEB_CONCURRENCY', as: (workers: string) => workers }],
  },
  timeoutMs: row('APP', ['TIMEOUT', '30s'], duration, 'How long one may hang before it is replaced; 0s: for ever.'),
  gracefulMs: row('APP', ['GRACEFUL_TIMEOUT', '30s'], duration, 'How long one that is replaced has for its requests.'),
  application: row('APP', ['APPLICATION', 'app-backend/app.ts:application'], application, 'The application.'),
  runtime: row('APP', ['RUNTIME', 'node'], text, 'What runs it.'),
  chdir: row('APP', ['CHDIR', '.'], text, 'Where that file is looked up from.'),
});

export type DaemonConfig = ConfigOf<typeof settings>;

/** @throws SettingsProblem */
export function readDaemonSettings(env: Environment): DaemonConfig {
  return load(settings, env);
}

/** The file that the application begins with: `shop/wsgi.py` of the Python module `shop.wsgi`. From `chdir`. */
export function applicationFile({ application, runtime }: Pick<DaemonConfig, 'application' | 'runtime'>): string {
  if (runtime !== 'python') return application.slice(0, application.lastIndexOf(':'));
  const [module = ''] = application.split(':');
  return `${module.replaceAll('.', '/')}.py`;
}

/** What is wrong with the app's settings, or with the front's beside them, where `daemon:` makes them matter. */
export function daemonRules(env: Environment): Rule<typeof frontSettings>[] {
  const ofApp = Object.values<Table[string]>(settings).map(
    (setting): Rule<typeof frontSettings> =>
      (config) => {
        if (config.upstream !== 'daemon') return undefined;
        const { text, from } = given(setting, env);
        const result = setting.read.safeParse(text);
        return result.success ? undefined : `${from}: ${result.error.issues[0]?.message}`;
      },
  );
  return [...ofApp, enoughSlots];
}

const enoughSlots: Rule<typeof frontSettings> = ({ upstream, workers = 1, daemonSlots }) => {
  if (upstream !== 'daemon' || daemonSlots === undefined || daemonSlots >= workers) return undefined;
  const slots = `${daemonSlots} ${daemonSlots === 1 ? 'slot' : 'slots'}`;
  return `FRONT_DAEMON_SLOTS: ${workers} workers of the front (FRONT_WORKERS) cannot share ${slots} of a process of the app`;
};
