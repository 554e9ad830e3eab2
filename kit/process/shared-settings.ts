/** The settings that several tiers have, each under its own prefix. */
import { availableParallelism } from 'node:os';
import { accessFormat, isAccessFormat } from './access-format.ts';
import { oneAddress } from './listening.ts';
import type { LogFormat } from './log.ts';
import { skipList } from './log-skip.ts';
import { type Setting, table } from './settings.ts';
import { socketMode, socketOwner } from './socket-access.ts';
import { address, choice, count, duration, flag, peers, reader, size, text, wait } from './units.ts';

export type Prefix = 'EDGE' | 'FRONT' | 'APP';

type Defaults = {
  readonly listen: string;
  readonly adminListen: string;
  readonly trustedProxies: string;
  readonly maxHead: string;
  readonly idleTimeout: string;
  readonly gracefulTimeout: string;
};

/** One row of the table, under a tier's prefix. */
export function row<T>(
  prefix: Prefix,
  [name, fallback]: readonly [name: string, fallback: string],
  read: Setting<T>['read'],
  about: string,
): Setting<T> {
  return { env: `${prefix}_${name}`, fallback, about, read };
}

const namedFormat = choice('json', 'pretty', 'combined');

const logFormat: Setting<LogFormat>['read'] = reader((value) => {
  if (isAccessFormat(value)) return accessFormat(value);
  const { data } = namedFormat.safeParse(value);
  if (data === undefined) {
    const ones = 'json, pretty, combined, and no text with atoms such as %(h)s';
    throw new Error(`${JSON.stringify(value)} is not one of ${ones}`);
  }
  return data;
});

const logging = table({
  logLevel: {
    env: 'LOG_LEVEL',
    fallback: 'info',
    about: 'Least level that is logged: `trace`, `debug`, `info`, `warn`, `error`, `silent`.',
    read: choice('trace', 'debug', 'info', 'warn', 'error', 'silent'),
  },
  logFormat: {
    env: 'LOG_FORMAT',
    fallback: 'json',
    about:
      'Form of the log: `json`, `pretty`, `combined` (exchanges in the combined log format), or a text with the atoms of Gunicorn: `%(h)s "%(r)s" %(s)s`.',
    read: logFormat,
  },
  logSample: {
    env: 'LOG_SAMPLE',
    fallback: '1',
    about:
      'Of exchanges without a fault and below 500 one in so many is logged (`sample` in its line); others all are.',
    read: count(1, 1_000_000),
  },
  logSkip: {
    env: 'LOG_SKIP',
    fallback: '',
    about:
      'Paths whose exchanges are not logged, unless they broke or were answered with 500 or more: `/healthz,/assets/*`.',
    read: skipList,
  },
  logFile: {
    env: 'LOG_FILE',
    fallback: '',
    about:
      'File that the log is appended to, and that is opened anew at SIGUSR1; empty: standard output, where `listening` is said in any case.',
    read: text,
  },
  logBuffer: {
    env: 'LOG_BUFFER',
    fallback: '4MB',
    about: 'Most bytes of log lines that wait for a slow reader; beyond, lines are lost and counted.',
    read: size,
  },
});

/** The rows that are the same in every tier: where it listens, whom it trusts, what it refuses, how it stops. */
export function sharedSettings(p: Prefix, defaults: Defaults) {
  return table({
    listen: row(
      p,
      ['LISTEN', defaults.listen],
      oneAddress,
      'Address to listen on: `HOST:PORT`, `unix:PATH` or `unix:@NAME`.',
    ),
    socketMode: row(
      p,
      ['SOCKET_MODE', ''],
      socketMode,
      'Mode of the Unix socket, in octal, such as `660`. Empty: 0777 less the umask.',
    ),
    socketOwner: row(
      p,
      ['SOCKET_OWNER', ''],
      socketOwner,
      'Owner of the Unix socket: `user`, `user:group` or `:group`, names or numbers. Empty: those of the process.',
    ),
    adminListen: row(p, ['ADMIN_LISTEN', defaults.adminListen], address, 'Address of the admin API.'),
    adminToken: {
      ...row(p, ['ADMIN_TOKEN', ''], text, 'Bearer token of the admin API; required when it is not on loopback.'),
      secret: true,
    },
    trustedProxies: row(
      p,
      ['TRUSTED_PROXIES', defaults.trustedProxies],
      peers,
      'Peers whose forwarding fields and request ids are believed: addresses, ranges, `unix`.',
    ),
    maxHead: row(p, ['MAX_HEAD', defaults.maxHead], size, 'Longest request head, request line and fields (431).'),
    maxFields: row(p, ['MAX_FIELDS', '128'], count(1, 10_000), 'Most fields in a request head, `Host` too (431).'),
    maxTarget: row(p, ['MAX_TARGET', '16KB'], size, 'Longest request target (414).'),
    maxConnections: {
      ...row(p, ['MAX_CONNECTIONS', '10000'], count(1, 1_000_000), 'Most client connections (503).'),
      isBudget: true,
    },
    keepaliveRequests: row(
      p,
      ['KEEPALIVE_REQUESTS', '10000'],
      count(0, 1_000_000_000),
      'Most requests on one client connection; the last answer says `Connection: close`. 0: without a limit.',
    ),
    headerTimeout: row(p, ['HEADER_TIMEOUT', '10s'], wait, 'Longest time to receive a request head (408).'),
    clientTimeout: row(
      p,
      ['CLIENT_TIMEOUT', '60s'],
      wait,
      'Longest silence of a client inside a request body (408), or while it does not take a response.',
    ),
    idleTimeout: row(p, ['IDLE_TIMEOUT', defaults.idleTimeout], wait, 'How long an idle client connection is kept.'),
    gracefulTimeout: row(
      p,
      ['GRACEFUL_TIMEOUT', defaults.gracefulTimeout],
      duration,
      'How long requests in flight may go on after SIGTERM before they are cut (exit code 1).',
    ),
    backlog: row(p, ['BACKLOG', '2048'], count(1, 65_535), 'Most connections that wait in the system to be accepted.'),
    pidFile: row(p, ['PID_FILE', ''], text, 'File for the number of the process, removed at its end. Empty: none.'),
    serverTiming: row(p, ['SERVER_TIMING', 'on'], flag, 'Tell in `Server-Timing` how long this tier took.'),
    ...logging,
  });
}

/** The rows of the tiers that clients, or what stands before them, connect to. */
export function clientSettings(p: Prefix) {
  return table({
    maxConnectionsPerClient: row(
      p,
      ['MAX_CONNECTIONS_PER_CLIENT', '0'],
      count(0, 1_000_000),
      'Most connections of one IPv4 address or IPv6 /64 (503), trusted peers and Unix sockets aside; each worker counts its own. 0: without a limit.',
    ),
    minRate: row(
      p,
      ['MIN_RATE', '240B'],
      size,
      'Fewest bytes a second in which a client sends a request body (408) and takes a response. `0B`: however few.',
    ),
    minRateGrace: row(p, ['MIN_RATE_GRACE', '20s'], wait, 'How far a client may be behind that rate.'),
    proxyProtocol: row(
      p,
      ['PROXY_PROTOCOL', 'off'],
      flag,
      `Does every connection of a peer in \`${p}_TRUSTED_PROXIES\` begin with a PROXY header, version 1 or 2? From others none is taken.`,
    ),
  });
}

/** The rows of the tiers that speak to a next hop. */
export function upstreamSettings(p: Prefix) {
  return table({
    connectTimeout: row(p, ['CONNECT_TIMEOUT', '3s'], wait, 'Longest time to connect to the next hop (504).'),
    firstByteTimeout: row(p, ['FIRST_BYTE_TIMEOUT', '60s'], wait, 'Longest wait for the next hop’s head (504).'),
    betweenBytesTimeout: row(p, ['BETWEEN_BYTES_TIMEOUT', '60s'], wait, 'Longest silence inside the next hop’s body.'),
    tunnelIdle: row(
      p,
      ['TUNNEL_IDLE', '1h'],
      duration,
      'How long nothing may pass through a WebSocket, either way, before it is closed (1001). 0s: for ever.',
    ),
    upstreamConnections: {
      ...row(
        p,
        ['UPSTREAM_CONNECTIONS', '512'],
        count(1, 100_000),
        'Most connections to each address of the next hop; further requests wait.',
      ),
      isBudget: true,
    },
    upstreamQueue: {
      ...row(
        p,
        ['UPSTREAM_QUEUE', '4096'],
        count(0, 1_000_000),
        'Most requests that wait for a connection to the next hop (503).',
      ),
      isBudget: true,
    },
  });
}

const MOST_WORKERS = 128;

const workerCount = reader((text) => {
  if (text === 'auto') return Math.min(availableParallelism(), MOST_WORKERS);
  const { data } = count(1, MOST_WORKERS).safeParse(text);
  if (data === undefined) {
    throw new Error(`${JSON.stringify(text)} is neither auto nor a whole number from 1 to ${MOST_WORKERS}`);
  }
  return data;
});

const LEAST_HANG_MS = 1_000;

// Shorter than this, loading code or collecting garbage would pass for hanging.
/** At which a process counts as one that hangs. */
export const hangTime = duration.refine((ms) => ms === 0 || ms >= LEAST_HANG_MS, {
  error: 'must be 1s or longer, or 0s',
});

/** The rows of the tiers that can be several processes; `what` each of them does, and has its share of. */
export function workersSettings(p: Prefix, what: string) {
  return table({
    workers: row(
      p,
      ['WORKERS', '1'],
      workerCount,
      `Processes that serve the port; \`auto\`: one for each core. Each ${what}.`,
    ),
    workerTimeout: row(
      p,
      ['WORKER_TIMEOUT', '30s'],
      hangTime,
      'How long one of several workers may hang, its event loop standing still, before it is killed and replaced. 0s: for ever.',
    ),
  });
}
