import { gzipSync } from 'node:zlib';
import { ask, get, type Row, type Table } from '../row.ts';
import { story } from '../site.ts';

const noSiblings = { notAsked: 'Apache looks for siblings with MultiViews or rewriting only' } as const;
const plain = { status: 200, body: story, fields: { 'Content-Encoding': null } } as const;
const zipped = {
  status: 200,
  body: gzipSync(story).toString('latin1'),
  fields: { 'Content-Encoding': 'gzip', 'Content-Type': 'text/plain; charset=utf-8' },
} as const;
const quality = 'nginx knows gzip with q=0 from gzip, and no other preference';

const coded = (accept: string, expected: typeof plain | typeof zipped, more: Partial<Row> = {}): Row => ({
  ...{ of: 'A.1 #13', what: `Accept-Encoding: ${accept}`, bytes: get('/story.txt', `Accept-Encoding: ${accept}`) },
  ours: { ...expected, own: { Vary: 'Accept-Encoding' } },
  apache: noSiblings,
  ...more,
});

const typed = (target: string, type: string, more: Partial<Row> = {}): Row => ({
  ...{ of: 'A.1 #18', what: `the type of ${target}`, bytes: get(target) },
  ours: { status: 200, fields: { 'Content-Type': type }, own: { 'X-Content-Type-Options': 'nosniff' } },
  ...more,
});

const kept = (target: string, value: string | null): Row => ({
  ...{ of: 'A.1 #17', what: `how long ${target} is kept: ${value ?? 'as the cache likes'}`, bytes: get(target) },
  ours: { status: 200, own: { 'Cache-Control': value } },
});

const charset = {
  status: 200,
  fields: { 'Content-Type': /charset|csv/ },
  why: 'told its charsets in another way',
} as const;

const rows: readonly Row[] = [
  {
    of: 'A.1 #13',
    what: 'no Accept-Encoding',
    bytes: get('/story.txt'),
    ours: { ...plain, own: { Vary: 'Accept-Encoding' } },
  },
  coded('gzip', zipped),
  coded('GZIP', zipped),
  coded('br, gzip', zipped),
  coded('gzip;q=0.5', zipped),
  coded('gzip;q=0', plain),
  coded('*;q=0', plain),
  coded('identity', plain),
  coded('', plain),
  coded('xgzip', plain),
  coded('br', plain),
  coded('*', zipped, { nginx: { ...plain, why: 'nginx does not take * for gzip' } }),
  coded('x-gzip', zipped, { nginx: { ...plain, why: 'nginx does not know the old name, RFC 9110 §8.4.1.3' } }),
  coded('gzip;q=0.1, identity', plain, { nginx: { ...zipped, why: quality } }),
  coded('identity;q=0.1, gzip;q=0.2', zipped),
  {
    ...{ of: 'A.1 #13', what: 'HEAD of a sibling' },
    bytes: ask('HEAD', '/story.txt', 'Accept-Encoding: gzip'),
    ours: { status: 200, fields: { 'Content-Encoding': 'gzip', 'Content-Length': String(gzipSync(story).length) } },
    apache: noSiblings,
  },
  {
    ...{ of: 'A.1 #13', what: 'a lone name.gz is a file of its own' },
    bytes: get('/only-gzip.txt.gz'),
    ours: { status: 200, body: gzipSync(story).toString('latin1'), fields: { 'Content-Encoding': null } },
  },
  {
    ...{ of: 'A.1 #13', what: 'a lone name.gz stands for no name' },
    bytes: get('/only-gzip.txt', 'Accept-Encoding: gzip'),
    ours: { status: 404 },
    nginx: {
      status: 200,
      why: 'nginx sends the sibling of what is not there; the front names it as an error of the folder',
    },
  },
  {
    ...{ of: 'A.1 #5', what: 'the tag is strong' },
    bytes: get('/f.txt'),
    ours: { status: 200, body: 'f', fields: { ETag: /^"[\x21\x23-\x7e]+"$/ } },
  },
  {
    ...{ of: 'A.1 #5', what: 'the tag of the file does not stand for its sibling' },
    bytes: get('/story.txt', 'Accept-Encoding: gzip', 'If-None-Match: {etag /story.txt}'),
    ours: { status: 200 },
    apache: noSiblings,
  },
  {
    ...{ of: 'A.1 #5', what: 'the tag of the sibling does not stand for the file' },
    bytes: get('/story.txt', 'If-None-Match: {etag /story.txt gzip}'),
    ours: { status: 200 },
    apache: noSiblings,
  },
  {
    ...{ of: 'A.1 #5', what: 'the tag of the sibling stands for it' },
    bytes: get('/story.txt', 'Accept-Encoding: gzip', 'If-None-Match: {etag /story.txt gzip}'),
    ours: { status: 304, own: { Vary: 'Accept-Encoding' } },
    apache: noSiblings,
  },
  {
    ...{ of: 'A.1 #5', what: 'a part of a sibling is a part of its bytes' },
    bytes: get('/story.txt', 'Accept-Encoding: gzip', 'Range: bytes=0-1', 'If-Range: {etag /story.txt gzip}'),
    ours: { status: 206, body: '\x1f\x8b', fields: { 'Content-Encoding': 'gzip' }, own: { Vary: 'Accept-Encoding' } },
    nginx: { status: 200, why: 'nginx sends no parts of siblings' },
    apache: noSiblings,
  },
  typed('/f.txt', 'text/plain; charset=utf-8'),
  typed('/index.html', 'text/html; charset=utf-8'),
  typed('/style.css', 'text/css; charset=utf-8', { apache: { ...charset, fields: { 'Content-Type': 'text/css' } } }),
  typed('/app.3f9a2b1c.js', 'text/javascript; charset=utf-8', {
    apache: { ...charset, fields: { 'Content-Type': 'text/javascript' } },
  }),
  typed('/report-20240101.csv', 'text/csv; charset=utf-8', {
    nginx: { ...charset, fields: { 'Content-Type': 'text/csv' } },
    apache: { ...charset, fields: { 'Content-Type': 'text/csv' } },
  }),
  typed('/picture.png', 'image/png'),
  typed('/noextension', 'application/octet-stream', {
    apache: {
      status: 200,
      fields: { 'Content-Type': null },
      why: 'Apache names no type for a name that it does not know',
    },
  }),
  kept('/index.html', 'no-cache'),
  kept('/app.3f9a2b1c.js', 'public, max-age=31536000, immutable'),
  kept('/report-20240101.csv', null),
  kept('/style.css', null),
  {
    ...{ of: 'A.1 #17', what: 'what a route says of it counts' },
    bytes: get('/stamped/f.txt'),
    ours: { status: 200, body: 'stamped', fields: { 'Cache-Control': 'public, max-age=60', 'X-Stamp': 'front' } },
  },
  {
    ...{ of: 'A.1 #17', what: 'nothing of it is on an error' },
    bytes: get('/stamped/none.txt'),
    ours: { status: 404, own: { 'Cache-Control': 'no-store', 'X-Stamp': 'front' } },
  },
  {
    ...{ of: 'A.1 #14', what: 'a file is not compressed on the way' },
    bytes: get('/story.txt', 'Accept-Encoding: br, zstd, deflate'),
    ours: plain,
  },
];

export const representations: Table = { about: 'representations', rows };
