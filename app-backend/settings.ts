/** What can be set of the app tier. */
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

const runtime = reader((value) => {
  if (value !== 'node' && value !== 'python') {
    throw new Error(`${JSON.stringify(value)} is no runtime; there are node and python`);
  }
  return value;
});

const mount = reader((value) => {
  const prefix = pathPrefix(value);
  if (prefix === undefined) throw new Error(`${JSON.stringify(value)} is not a path prefix such as /shop`);
  return prefix;
});

export const settings = table({
  ...shared,
  listen: {
    ...shared.listen,
    about: 'Address to listen on: `HOST:PORT` or `unix:PATH`. Where it is not set, `PORT` makes it `0.0.0.0:$PORT`.',
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
    return pythonApplication(asked.text) === undefined ? `${said} MODULE:CALLABLE or MODULE:FACTORY()` : undefined;
  },
];

export type AppConfig = ConfigOf<typeof settings>;
