/** What is measured beside what. */
import type { Contender } from './contender.ts';
import { gunicorn } from './peers/gunicorn.ts';
import { nginx } from './peers/nginx.ts';
import { varnish } from './peers/varnish.ts';
import { app, appInPython, edge, floorOnHttp, floorOnNet, front } from './tiers.ts';

export type Pair = {
  readonly id: string;
  readonly what: string;
  readonly ours: Contender;
  readonly peer?: Contender;
  /** Cache-Control of the origin that stands behind both; without it there is none. */
  readonly origin?: string;
  /** Asked in turn; `series` differs from load to load. */
  targets(requests: number, series: string): readonly string[];
  readonly isClosing?: boolean;
  /** Answered so quickly that the clock's ticks (10 ms) would show in the figures: more requests are made. */
  readonly isQuick?: boolean;
};

/** How many times more requests are made of quick servers. */
export const quickFactor = 5;

const page = (): readonly string[] => ['/page'];
const file = (): readonly string[] => ['/page.txt'];
const distinct = (requests: number, series: string): readonly string[] =>
  Array.from({ length: requests }, (_, n) => `/page?of=${series}&n=${n}`);

const cacheable = 'max-age=86400';

export const pairs: readonly Pair[] = [
  { id: 'floor-net', what: 'floor: `node:net`, a constant', ours: floorOnNet, targets: page, isQuick: true },
  { id: 'floor-http', what: 'floor: `node:http`, a constant', ours: floorOnHttp, targets: page, isQuick: true },
  { id: 'edge-hit', what: 'edge: hit', ours: edge, peer: varnish, origin: cacheable, targets: page, isQuick: true },
  {
    id: 'edge-floor',
    what: 'edge: hit',
    ours: edge,
    peer: floorOnNet,
    origin: cacheable,
    targets: page,
    isQuick: true,
  },
  { id: 'edge-miss', what: 'edge: miss, stored', ours: edge, peer: varnish, origin: cacheable, targets: distinct },
  { id: 'edge-pass', what: 'edge: pass', ours: edge, peer: varnish, origin: 'no-store', targets: page },
  { id: 'front-file', what: 'front: file', ours: front, peer: nginx, targets: file, isQuick: true },
  { id: 'front-proxy', what: 'front: proxied', ours: front, peer: nginx, origin: 'no-store', targets: page },
  { id: 'app-1', what: 'app: hello, 1 worker', ours: app(1), peer: gunicorn(1), targets: page },
  { id: 'app-2', what: 'app: hello, 2 workers', ours: app(2), peer: gunicorn(2), targets: page },
  {
    id: 'app-close',
    what: 'app: hello, 1 worker, a connection per request',
    ours: app(1),
    peer: gunicorn(1),
    targets: page,
    isClosing: true,
  },
  {
    id: 'app-python',
    what: 'app: hello in Python, 2 workers',
    ours: appInPython(2),
    peer: gunicorn(2),
    targets: page,
  },
];
