/** What can be set of the app tier. */
import { addresses } from '@trivet/kit/process/listening.ts';
import type { Presets } from '@trivet/kit/process/preset.ts';
import { type ConfigOf, type Rule, table } from '@trivet/kit/process/settings.ts';
import { row, sharedSettings } from '@trivet/kit/process/shared-settings.ts';
import { supervisionSettings } from '@trivet/kit/process/supervision-settings.ts';
import { count, duration, flag, reader, text } from '@trivet/kit/process/units.ts';
import { pathPrefix } from './src/gateway/mount-point.ts';
import { pythonApplication, pythonSettings } from './src/python/pool/settings.ts';
import { dispatchSettings } from './src/python/settings.ts';
import { staticSettings } from './src/static/static-settings.ts';

const shared = sharedSettings('APP', {
  listen: '127.0.0.1:8000',
  adminListen: '127.0.0.1:9000',
  trustedProxies: '127.0.0.0/8,::1,unix',
  maxHead: '64KB',
  idleTimeout: '80s',
  gracefulTimeout: '30s',
});

/** `app.ts:application` → the text, and its two parts at the last colon: a path may have others. What a runtime makes of it, `rules` say. */
export const application = reader((value) => {
  const colon = value.lastIndexOf(':');
  return { text: value, file: value.slice(0, Math.max(colon, 0)), name: value.slice(colon + 1) };
});

/** Presets by their names, for `APP_PRESET`. */
export const presets: Presets = {
  /** Platforms such as Heroku: their router gives up after 30 s and keeps its connections for 90 s; SIGKILL follows SIGTERM after 30 s. */
  paas: {
    fallbacks: {
      APP_IDLE_TIMEOUT: '95s',
      APP_REQUEST_TIMEOUT: '25s',
      APP_GRACEFUL_TIMEOUT: '20s',
      LOG_FORMAT: 'json',
      LOG_FILE: '',
    },
    required: {
      APP_LISTEN: 'PORT: it is not set, and with APP_PRESET=paas that is where to listen; or set APP_LISTEN',
    },
  },
};

const preset = reader((value) => {
  if (value !== '' && !Object.hasOwn(presets, value)) {
    throw new Error(`${JSON.stringify(value)} is no preset; there is ${Object.keys(presets).join(', ')}`);
  }
  return value;
});

const runtime = reader((value) => {
  if (value !== 'node' && value !== 'python') {
    throw new Error(`${JSON.stringify(value)} is no runtime; there are node and python`);
  }
  return value;
});

const paths = reader((value) => value.split(',').filter((path) => path !== ''));

const mount = reader((value) => {
  const prefix = pathPrefix(value);
  if (prefix === undefined) throw new Error(`${JSON.stringify(value)} is not a path prefix such as /shop`);
  return prefix;
});

export const settings = table({
  ...shared,
  listen: {
    ...shared.listen,
    about:
      'Addresses to listen on, with commas: `HOST:PORT`, `unix:PATH`, `unix:@NAME`. Where it is not set, `PORT` makes it `0.0.0.0:$PORT`.',
    read: addresses,
    otherwise: [{ env: 'PORT', as: (port: string) => `0.0.0.0:${port}` }],
  },
  application: row(
    'APP',
    ['APPLICATION', 'app-backend/app.ts:application'],
    application,
    'The application: `FILE:NAME`, an export of a TypeScript or JavaScript file; of Python `MODULE:CALLABLE` or `MODULE:FACTORY()`.',
  ),
  chdir: row(
    'APP',
    ['CHDIR', '.'],
    text,
    'The folder that the application’s FILE is looked up from; Python works there and imports from it.',
  ),
  runtime: row('APP', ['RUNTIME', 'node'], runtime, 'What runs the application: `node` or `python`.'),
  workers: {
    ...row('APP', ['WORKERS', '1'], count(1, 1024), ''),
    about: 'Processes that run the application, also by `WEB_CONCURRENCY`.',
    otherwise: [{ env: 'WEB_CONCURRENCY', as: (workers: string) => workers }],
  },
  fastLane: row('APP', ['FAST_LANE', 'on'], flag, 'Answer plain requests to the application without `node:http`.'),
  ...supervisionSettings('APP'),
  reload: row(
    'APP',
    ['RELOAD', 'off'],
    flag,
    'For development: reload, as SIGHUP does, when a source below `APP_CHDIR` changes (TypeScript, JavaScript, JSON, Python).',
  ),
  reloadFiles: row('APP', ['RELOAD_FILES', ''], paths, 'Other files that are watched so, with commas.'),
  preset: row(
    'APP',
    ['PRESET', ''],
    preset,
    'Other defaults, as a whole: `paas` for platforms that give a `PORT` (which then must be set). What is set wins.',
  ),
  mount: row('APP', ['MOUNT', ''], mount, 'Path prefix of the application, its `SCRIPT_NAME`; other paths are 404.'),
  ...staticSettings,
  requestTimeout: row(
    'APP',
    ['REQUEST_TIMEOUT', '0s'],
    duration,
    'Deadline of each request (504, or a broken transfer once the head is out); `0s` is none.',
  ),
  ...pythonSettings,
  ...dispatchSettings,
});

/** What has to be so of several settings at once. */
export const rules: readonly Rule<typeof settings>[] = [
  ({ application: asked, runtime: by }) => {
    if (asked === undefined || by === undefined) return undefined;
    const said = `APP_APPLICATION: ${JSON.stringify(asked.text)} is not`;
    if (by === 'node') return asked.file === '' || asked.name === '' ? `${said} FILE:NAME` : undefined;
    const wanted = 'MODULE:CALLABLE or MODULE:FACTORY(), which APP_RUNTIME=python needs';
    return pythonApplication(asked.text) === undefined ? `${said} ${wanted}` : undefined;
  },
];

export type AppConfig = ConfigOf<typeof settings>;
