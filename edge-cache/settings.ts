/** The settings of the edge cache. */

import { type ConfigOf, table } from '@trivet/kit/process/settings.ts';
import {
  clientSettings,
  row,
  sharedSettings,
  upstreamSettings,
  workersSettings,
} from '@trivet/kit/process/shared-settings.ts';
import { choice, count, duration, flag, origins, peers, reader, size, text } from '@trivet/kit/process/units.ts';
import { parseAuthority } from '@trivet/kit/semantics/host.ts';

const hosts = reader((value) => {
  const names = value.split(/[\s,]+/).filter((name) => name !== '');
  const wrong = names.find((name) => parseAuthority(name) === undefined);
  if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} is not HOST or HOST:PORT`);
  return names;
});

export const settings = table({
  ...sharedSettings('EDGE', {
    listen: '0.0.0.0:8080',
    adminListen: '127.0.0.1:9080',
    trustedProxies: '',
    maxHead: '32KB',
    idleTimeout: '65s',
    gracefulTimeout: '25s',
  }),
  ...clientSettings('EDGE'),
  ...workersSettings('EDGE', 'stores and fetches for itself, with its share of memory and connections'),
  origin: row(
    'EDGE',
    ['ORIGIN', 'http://127.0.0.1:8081'],
    origins,
    'The next hop: one or more addresses, comma between.',
  ),
  ...upstreamSettings('EDGE'),
  policy: row('EDGE', ['POLICY', 'edge-cache/policy.ts'], text, 'The policy file.'),
  policyWatch: row('EDGE', ['POLICY_WATCH', 'on'], flag, 'Reload the policy when its files change.'),
  fastLane: row(
    'EDGE',
    ['FAST_LANE', 'on'],
    flag,
    'Answer plain hits straight from the socket, past `node:http`; the answers are the same.',
  ),
  storeMemory: {
    ...row(
      'EDGE',
      ['STORE_MEMORY', '256MB'],
      size,
      'Memory for stored responses: bodies, heads, bookkeeping, fetches.',
    ),
    isBudget: true,
  },
  defaultTtl: row(
    'EDGE',
    ['DEFAULT_TTL', '0s'],
    duration,
    'How long a response is fresh that does not say it and gives no hint.',
  ),
  grace: row(
    'EDGE',
    ['GRACE', '0s'],
    duration,
    'How long a stale answer is given at once, with one refresh behind it; not what was stale when it came.',
  ),
  staleIfError: row(
    'EDGE',
    ['STALE_IF_ERROR', '1h'],
    duration,
    'How long a stale answer stands in when the origin refuses, drops, times out or answers 500, 502, 503, 504.',
  ),
  keep: row('EDGE', ['KEEP', '5m'], duration, 'How long past all that a body is kept for a 304.'),
  esiDepth: row(
    'EDGE',
    ['ESI_DEPTH', '5'],
    count(0, 100),
    'How deep ESI fragments may nest; those of a page are 1 deep.',
  ),
  esiIncludes: row('EDGE', ['ESI_INCLUDES', '256'], count(0, 10_000), 'Most ESI fragments of a page, nested ones too.'),
  esiHosts: row(
    'EDGE',
    ['ESI_HOSTS', ''],
    hosts,
    'Hosts other than its own that a page may include from, comma between; `*.example.com` too. The origin is asked.',
  ),
  coalesceWait: row(
    'EDGE',
    ['COALESCE_WAIT', '30s'],
    duration,
    'How long a request waits for the head that another request fetches; then it fetches for itself.',
  ),
  coalesceQueue: row(
    'EDGE',
    ['COALESCE_QUEUE', '10000'],
    count(0, 1_000_000),
    'Most requests that wait for the fetch of one other; beyond them stale where it may stand in, else 503.',
  ),
  setCookie: row(
    'EDGE',
    ['SET_COOKIE', 'pass'],
    choice('pass', 'store', 'strip'),
    'Responses with `Set-Cookie`: not stored unless `public` (`pass`), stored as they are, or stored without it.',
  ),
  clientDirectives: row(
    'EDGE',
    ['CLIENT_DIRECTIVES', 'trusted'],
    choice('trusted', 'honour', 'ignore'),
    'Whose `Cache-Control` and `Pragma` requests are honoured: those of `EDGE_PURGE_FROM`, all, none.',
  ),
  compression: row(
    'EDGE',
    ['COMPRESSION', 'on'],
    flag,
    'Store text compressed, by the wish of the client that it is fetched for; decode it for those who cannot.',
  ),
  compressionMin: row('EDGE', ['COMPRESSION_MIN', '1KB'], size, 'Shorter responses are stored as they are.'),
  purgeFrom: row('EDGE', ['PURGE_FROM', '127.0.0.0/8,::1'], peers, 'Clients that may use the method `PURGE`.'),
  purgeRate: row(
    'EDGE',
    ['PURGE_RATE', '1000'],
    count(0, 1_000_000),
    'Most purges and bans a second, of all clients together (429); 0: without a limit.',
  ),
  bansMax: row(
    'EDGE',
    ['BANS_MAX', '10000'],
    count(1, 1_000_000),
    'Most bans in force; a further one is refused (503).',
  ),
  region: row('EDGE', ['REGION', 'local'], text, 'The name of the place where this edge stands.'),
});

export type EdgeConfig = ConfigOf<typeof settings>;
