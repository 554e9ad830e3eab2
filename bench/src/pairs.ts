/** What is measured beside what. */
import type { Contender } from './contender.ts';
import type { LoadJob } from './load/load-job.ts';
import { list, type Targets } from './load/targets.ts';
import { gthread, gunicorn } from './peers/gunicorn.ts';
import { nginx, nginxWithGzip } from './peers/nginx.ts';
import { varnish } from './peers/varnish.ts';
import { hugeBytes, largeBytes, proseBytes, uploadBytes } from './servers/announce.ts';
import type { Constant } from './servers/constant-answer.ts';
import { app, appInPython, edge, edgeWith, floorOnHttp, floorOnNet, floorOnNetOf, front, frontWith } from './tiers.ts';

export type Pair = {
  readonly id: string;
  readonly what: string;
  readonly ours: Contender;
  readonly peer?: Contender;
  /** The most that our CPU time over the peer's is meant to be. */
  readonly goal?: number;
  /** What the server behind both answers; without it there is none. */
  readonly origin?: Constant;
  /** `series` differs from load to load. */
  targets(series: string): Targets;
  /** A further field of each request. */
  readonly field?: string;
  /** Each request is a POST with so many bytes. */
  readonly uploadBytes?: number;
  /** 200 with 1 KiB, where it is not told. */
  readonly expected?: LoadJob['expected'];
  readonly isClosing?: boolean;
  /** Its servers have several processes, which one core would keep from what they are for. */
  readonly isUnpinned?: boolean;
  /** How many requests are made, as a share of what was asked for (1). */
  readonly share?: number;
};

/** Answered so quickly that the clock's ticks (10 ms) would show in the figures: more requests are made. */
export const quickShare = 5;
/** So large that fewer requests tell as much, and the others would take minutes. */
const hugeShare = 0.02;

const page = (): Targets => list('/page');
const file = (): Targets => list('/page.txt');
const distinct = (series: string): Targets => ({ rule: 'distinct', prefix: `/page?of=${series}&n=` });

const cacheControl = 'max-age=86400';
const hit = { ours: edge, peer: varnish, goal: 0.5, origin: { cacheControl }, targets: page } as const;
const expectedOf = (bodyBytes: number) => ({ status: 200, bodyBytes });
const large = { origin: { cacheControl, bodyBytes: largeBytes }, expected: expectedOf(largeBytes) } as const;
const huge = { origin: { cacheControl, bodyBytes: hugeBytes }, expected: expectedOf(hugeBytes) } as const;
const tag = '"bench"';
const hello = { ours: app(1), peer: gunicorn(1), goal: 0.4, targets: page } as const;

const edgePairs: readonly Pair[] = [
  { ...hit, id: 'edge-hit', what: 'edge: hit, 1 KiB', share: quickShare },
  { ...hit, id: 'edge-floor', what: 'edge: hit, 1 KiB', peer: floorOnNet, goal: 1.3, share: quickShare },
  { ...hit, ...large, id: 'edge-hit-large', what: 'edge: hit, 100 KiB' },
  {
    ...hit,
    ...large,
    id: 'edge-floor-large',
    what: 'edge: hit, 100 KiB',
    peer: floorOnNetOf(largeBytes),
    goal: 1.3,
  },
  { ...hit, ...huge, id: 'edge-hit-huge', what: 'edge: hit, 5 MiB', share: hugeShare },
  {
    ...hit,
    id: 'edge-conditional',
    what: 'edge: hit, `If-None-Match`, 304',
    origin: { cacheControl, fields: [`ETag: ${tag}`] },
    field: `If-None-Match: ${tag}`,
    expected: { status: 304, bodyBytes: 0 },
    share: quickShare,
  },
  { ...hit, id: 'edge-miss', what: 'edge: miss, stored', goal: 0.6, targets: distinct },
  { ...hit, id: 'edge-pass', what: 'edge: pass', goal: 0.6, origin: { cacheControl: 'no-store' } },
  {
    id: 'edge-slow-lane',
    what: 'edge: hit, fast lane off',
    ours: edgeWith('edge-cache, fast lane off', { EDGE_FAST_LANE: 'off' }),
    peer: edge,
    origin: { cacheControl },
    targets: page,
    share: quickShare,
  },
  {
    id: 'edge-workers',
    what: 'edge: hit, 2 workers',
    ours: edgeWith('edge-cache, 2 workers', { EDGE_WORKERS: '2' }, { leastProcesses: 3 }),
    peer: edge,
    origin: { cacheControl },
    targets: page,
    isUnpinned: true,
    share: quickShare,
  },
];

/** Files of 100 KiB are none that are kept in memory. */
const largeFromDisk = { FRONT_HOT_FILE_MAX: '64KB' } as const;

const frontPairs: readonly Pair[] = [
  { id: 'front-file', what: 'front: file, 1 KiB', ours: front, peer: nginx, goal: 1, targets: file, share: quickShare },
  {
    id: 'front-file-large',
    what: 'front: file, 100 KiB',
    ours: front,
    peer: nginx,
    goal: 1,
    targets: () => list('/large.txt'),
    expected: expectedOf(largeBytes),
  },
  {
    id: 'front-file-huge',
    what: 'front: file, 5 MiB',
    ours: front,
    peer: nginx,
    targets: () => list('/huge.txt'),
    expected: expectedOf(hugeBytes),
    share: hugeShare,
  },
  {
    id: 'front-open-files',
    what: 'front: file, 100 KiB, kept open or not',
    ours: frontWith('static-frontend', largeFromDisk),
    peer: frontWith('static-frontend, no open files', { ...largeFromDisk, FRONT_OPEN_FILES: '0' }),
    targets: () => list('/large.txt'),
    expected: expectedOf(largeBytes),
  },
  {
    id: 'front-proxy',
    what: 'front: proxied',
    ours: front,
    peer: nginx,
    goal: 3,
    origin: { cacheControl: 'no-store' },
    targets: page,
  },
  {
    id: 'front-proxy-gzip',
    what: 'front: proxied, 32 KiB of text, gzip on the way',
    ours: front,
    peer: nginxWithGzip,
    origin: { cacheControl: 'no-store', bodyBytes: proseBytes, isProse: true },
    targets: page,
    field: 'Accept-Encoding: gzip',
    // Two encoders make bodies of different lengths.
    expected: { status: 200 },
  },
  {
    id: 'front-proxy-post',
    what: 'front: proxied, POST of 10 KiB',
    ours: front,
    peer: nginx,
    origin: { cacheControl: 'no-store' },
    targets: page,
    uploadBytes,
  },
  {
    id: 'front-slow-lane',
    what: 'front: file, fast lane off',
    ours: frontWith('static-frontend, fast lane off', { FRONT_FAST_LANE: 'off' }),
    peer: front,
    targets: file,
    share: quickShare,
  },
];

const inPython = { ...hello, ours: appInPython(1), goal: 0.8 } as const;

const appPairs: readonly Pair[] = [
  { ...hello, id: 'app-1', what: 'app: hello, 1 worker' },
  { ...hello, id: 'app-gthread', what: 'app: hello, 1 worker', peer: gthread(1, 2) },
  { ...hello, id: 'app-2', what: 'app: hello, 2 workers', ours: app(2), peer: gunicorn(2), isUnpinned: true },
  { ...hello, id: 'app-close', what: 'app: hello, 1 worker, a connection per request', isClosing: true },
  { ...inPython, id: 'app-python', what: 'app: hello in Python, 1 worker' },
  { ...inPython, id: 'app-python-gthread', what: 'app: hello in Python, 1 worker', peer: gthread(1, 2) },
  {
    ...inPython,
    id: 'app-python-2',
    what: 'app: hello in Python, 2 workers',
    ours: appInPython(2),
    peer: gunicorn(2),
    isUnpinned: true,
  },
  {
    ...inPython,
    id: 'app-python-close',
    what: 'app: hello in Python, 1 worker, a connection per request',
    isClosing: true,
  },
];

export const pairs: readonly Pair[] = [
  { id: 'floor-net', what: 'floor: `node:net`, a constant', ours: floorOnNet, targets: page, share: quickShare },
  { id: 'floor-http', what: 'floor: `node:http`, a constant', ours: floorOnHttp, targets: page, share: quickShare },
  ...edgePairs,
  ...frontPairs,
  ...appPairs,
];
