/** What can be set of the front tier. */

import { fieldNames } from '@trivet/kit/http1/odd-fields.ts';
import { type ConfigOf, table } from '@trivet/kit/process/settings.ts';
import {
  clientSettings,
  row,
  sharedSettings,
  upstreamSettings,
  workersSettings,
} from '@trivet/kit/process/shared-settings.ts';
import { choice, count, flag, origins, reader, size, text, wait } from '@trivet/kit/process/units.ts';

/** `daemon:`, or where the app is. */
const app = reader((value) => {
  if (value === 'daemon:') return 'daemon';
  if (/(^|,)\s*daemon:/.test(value)) throw new Error(`${JSON.stringify(value)}: "daemon:" is all there is to say`);
  const { data, error } = origins.safeParse(value);
  if (data === undefined) throw new Error(error.issues[0]?.message);
  return data;
});

export const settings = table({
  ...sharedSettings('FRONT', {
    listen: '0.0.0.0:8081',
    adminListen: '127.0.0.1:9081',
    trustedProxies: '',
    maxHead: '32KB',
    idleTimeout: '75s',
    gracefulTimeout: '25s',
  }),
  ...clientSettings('FRONT'),
  ...workersSettings('FRONT', 'has its share of connections'),
  upstream: row(
    'FRONT',
    ['UPSTREAM', 'http://127.0.0.1:8000'],
    app,
    'The app: `http://HOST:PORT` or `unix:PATH`, several with commas; `daemon:` runs `APP_WORKERS` processes of it here.',
  ),
  daemonSlots: {
    ...row('FRONT', ['DAEMON_SLOTS', '64'], count(1, 100_000), ''),
    about: 'With `daemon:`: most requests at once in a process of the app, also by `APP_THREADS`; others wait.',
    otherwise: [{ env: 'APP_THREADS', as: (threads: string) => threads }],
    isBudget: true,
  },
  daemonTouch: row(
    'FRONT',
    ['DAEMON_TOUCH', ''],
    text,
    'With `daemon:`: the file that reloads the app when it is touched; empty: that of the application.',
  ),
  daemonStartupTimeout: row(
    'FRONT',
    ['DAEMON_STARTUP_TIMEOUT', '60s'],
    wait,
    'With `daemon:`: how long a process of the app may take until it is ready, before it is killed and replaced.',
  ),
  site: row(
    'FRONT',
    ['SITE', 'static-frontend/site.ts'],
    text,
    'The file that says which path is a file and which is the app’s.',
  ),
  siteWatch: row('FRONT', ['SITE_WATCH', 'on'], flag, 'Reload the site when its files change.'),
  root: row('FRONT', ['ROOT', 'site/public'], text, 'The folder that files are served from.'),
  symlinks: row(
    'FRONT',
    ['SYMLINKS', 'inside'],
    choice('never', 'inside', 'any'),
    'Links below the root that are followed: `never`, those that stay `inside` the root, `any`.',
  ),
  bodyLimit: row('FRONT', ['BODY_LIMIT', '32MB'], size, 'Largest request body that is passed on (413).'),
  oddFields: row(
    'FRONT',
    ['ODD_FIELDS', ''],
    fieldNames,
    'Request fields that are not dropped though their names are more than letters, digits and `-`: names with commas; `*`: all.',
  ),
  bodyMemory: row(
    'FRONT',
    ['BODY_MEMORY', '64KB'],
    size,
    'Largest request body that waits in memory for its last byte, where the app is asked only then; larger ones are on the disk.',
  ),
  bodiesMemory: {
    ...row(
      'FRONT',
      ['BODIES_MEMORY', '64MB'],
      size,
      'Most memory for all of them; beyond it they are on the disk as well.',
    ),
    isBudget: true,
  },
  bodiesDisk: {
    ...row('FRONT', ['BODIES_DISK', '4GB'], size, 'Most disk for all of them; beyond it a request is refused (507).'),
    isBudget: true,
  },
  tempDir: row(
    'FRONT',
    ['TEMP_DIR', ''],
    text,
    'Where there is disk for request bodies; empty: the folder of the system for such files.',
  ),
  compress: row(
    'FRONT',
    ['COMPRESS', 'on'],
    flag,
    'Compress text that the app answers, 1 KB and more, for clients that take it.',
  ),
  fastLane: row('FRONT', ['FAST_LANE', 'on'], flag, 'Answer hot files from memory, without `node:http`.'),
  hotFiles: {
    ...row('FRONT', ['HOT_FILES', '32MB'], size, 'Most memory for files that are asked for again and again; 0B: none.'),
    isBudget: true,
  },
  hotFileMax: row('FRONT', ['HOT_FILE_MAX', '256KB'], size, 'Largest file that is kept in memory.'),
  openFiles: row(
    'FRONT',
    ['OPEN_FILES', '256'],
    count(0, 100_000),
    'Most files, of those too large for memory, that a process keeps open between requests; 0: none.',
  ),
  ...upstreamSettings('FRONT'),
});

export type FrontConfig = ConfigOf<typeof settings>;
