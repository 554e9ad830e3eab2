/** Options of the server and of requests. */
import { boundToAll } from './bind-address.ts';
import { counts, last, type Option, seconds, sets, type Variables, whole } from './option.ts';

export const ofServer: readonly Option[] = [
  {
    names: '-b, --bind',
    value: 'ADDRESS',
    about:
      'where to listen: HOST:PORT, :PORT, unix:PATH, unix:@NAME, fd://3 (127.0.0.1:8000); may be given several times',
    setting: 'APP_LISTEN',
    file: 'kit/process/bind.ts',
    translate(values, { pid }): Variables {
      const bound = boundToAll(values);
      if ('listen' in bound) return { APP_LISTEN: bound.listen };
      return { LISTEN_PID: String(pid), LISTEN_FDS: String(bound.fds) };
    },
  },
  {
    names: '--backlog',
    value: 'INT',
    about: 'most connections that wait to be accepted',
    ...counts('APP_BACKLOG'),
    file: 'kit/process/bind.ts',
  },
  {
    names: '-w, --workers',
    value: 'INT',
    about: 'processes that run the application; also by WEB_CONCURRENCY',
    ...counts('APP_WORKERS'),
    file: 'kit/process/workers/crew.ts',
  },
  {
    names: '-k, --worker-class',
    value: 'STRING',
    about: 'sync or gthread: with --threads they are the same here',
    setting: 'APP_THREADS',
    file: 'app-backend/settings.ts',
    only: 'python',
    translate(values): Variables {
      if (/^(?:sync|gthread)$/.test(last(values))) return {};
      const why =
        'Python workers are processes of threads: --workers, --threads; idle and slow clients take none of them';
      throw new Error(`there is no ${JSON.stringify(last(values))} here. ${why}`);
    },
  },
  {
    names: '--threads',
    value: 'INT',
    about: 'requests that one Python worker runs at a time',
    ...counts('APP_THREADS'),
    file: 'app-backend/settings.ts',
    only: 'python',
  },
  {
    names: '--max-requests',
    value: 'INT',
    about: 'requests after which a worker is replaced',
    ...counts('APP_MAX_REQUESTS'),
    file: 'app-backend/settings.ts',
  },
  {
    names: '--max-requests-jitter',
    value: 'INT',
    about: 'up to so many more of them, by chance',
    ...counts('APP_MAX_REQUESTS_JITTER'),
    file: 'app-backend/settings.ts',
  },
  {
    names: '-t, --timeout',
    value: 'SECONDS',
    about: 'silence after which a worker is killed and replaced',
    ...counts('APP_TIMEOUT', seconds),
    file: 'app-backend/settings.ts',
  },
  {
    names: '--graceful-timeout',
    value: 'SECONDS',
    about: 'how long requests in flight may go on after SIGTERM',
    ...counts('APP_GRACEFUL_TIMEOUT', seconds),
    file: 'kit/http1/drain.ts',
  },
  {
    names: '--keep-alive',
    value: 'SECONDS',
    about: 'how long an idle connection is kept; 0: one request on each',
    setting: 'APP_IDLE_TIMEOUT, APP_KEEPALIVE_REQUESTS',
    file: 'kit/http1/node-server.ts',
    translate(values): Variables {
      const keep = whole(values);
      return keep === 0 ? { APP_KEEPALIVE_REQUESTS: '1' } : { APP_IDLE_TIMEOUT: seconds(keep) };
    },
  },
];

export const ofRequests: readonly Option[] = [
  {
    names: '--limit-request-line',
    value: 'BYTES',
    about: 'longest request target; 0: as long as a head may be',
    ...counts('APP_MAX_TARGET', (bytes) => (bytes === 0 ? '1GB' : `${bytes}B`)),
    file: 'kit/http1/strictness.ts',
  },
  {
    names: '--limit-request-fields',
    value: 'INT',
    about: 'most fields in a request; 0: 10000',
    ...counts('APP_MAX_FIELDS', (fields) => String(fields || 10_000)),
    file: 'kit/http1/strictness.ts',
  },
  {
    names: '--forwarded-allow-ips',
    value: 'LIST',
    about: 'peers whose X-Forwarded-* are believed, those on Unix sockets besides; *: all',
    ...sets('APP_TRUSTED_PROXIES', (list) =>
      [list === '*' ? '0.0.0.0/0,::/0' : list, 'unix'].filter(Boolean).join(','),
    ),
    file: 'kit/process/trusted-peers.ts',
  },
];
