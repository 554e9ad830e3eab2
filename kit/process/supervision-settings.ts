/** How an arbiter looks after the workers of a tier: the rows that it goes by. */
import { type ConfigOf, table } from './settings.ts';
import { hangTime, type Prefix, row } from './shared-settings.ts';
import { count, duration, reader, size, text } from './units.ts';

const mostRequests = 1_000_000_000;

const sizeOrNone = reader((given) => {
  const { data, error } = size.safeParse(given === '0' ? '0B' : given);
  if (data === undefined) throw new Error(error?.issues[0]?.message);
  return data;
});

/** Rows, of a tier whose workers are replaced when they hang, or have served for long. */
export function supervisionSettings(p: Prefix) {
  return table({
    timeout: row(
      p,
      ['TIMEOUT', '30s'],
      hangTime,
      'How long a worker may be silent before it is killed and replaced: its event loop standing still, or a request of a Python worker without a sign. `0s`: for ever.',
    ),
    startupTimeout: row(
      p,
      ['STARTUP_TIMEOUT', '60s'],
      duration,
      'How long a worker may take to load the application before it is killed and tried again. `0s`: for ever.',
    ),
    maxRequests: row(
      p,
      ['MAX_REQUESTS', '0'],
      count(0, mostRequests),
      'Requests after which a worker is replaced, another being ready first. 0: never.',
    ),
    maxRequestsJitter: row(
      p,
      ['MAX_REQUESTS_JITTER', '0'],
      count(0, mostRequests),
      'Up to so many more, drawn for each worker, so that not all are replaced at once.',
    ),
    maxAge: row(
      p,
      ['MAX_AGE', '0s'],
      duration,
      'Age at which a worker is replaced, and up to a tenth more. `0s`: never.',
    ),
    maxRss: row(p, ['MAX_RSS', '0'], sizeOrNone, 'Memory (RSS) of a worker above which it is replaced. 0: any.'),
    touchFile: row(p, ['TOUCH_FILE', ''], text, 'A file whose change reloads the application, as SIGHUP does.'),
  });
}

export type SupervisionConfig = ConfigOf<ReturnType<typeof supervisionSettings>>;
