/** What `/script?…` answers: every parameter, what they may not be, and what conditions make of the answer. */
import type { Example, Expected } from './example.ts';

const date = 'Wed, 01 Jan 2025 00:00:00 GMT';
const earlier = 'Tue, 31 Dec 2024 00:00:00 GMT';
const nonce = { 'x-nonce': /^[\da-f]{16}$/ };
const pattern = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.\n';
const pieceOf = (length: number) => pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length);

/** `{…}` of a query is what it is once it is encoded. */
const encoded = (query: string) => query.replaceAll(/\{([^}]*)\}/g, (_all, value: string) => encodeURIComponent(value));
const script = (query: string) => `/script?${encoded(query)}`;

const fieldsToldOf: readonly (readonly [query: string, fields: Expected['fields']])[] = [
  ['cache-control={max-age=5, public}', { 'cache-control': 'max-age=5, public' }],
  ['cdn-cache-control={max-age=0}', { 'cdn-cache-control': 'max-age=0' }],
  ['no-vary-search=key-order', { 'no-vary-search': 'key-order' }],
  ['cache-groups={"a"}', { 'cache-groups': '"a"' }],
  ['cache-group-invalidation={"a"}', { 'cache-group-invalidation': '"a"' }],
  ['etag={"v1"}', { etag: '"v1"' }],
  ['etag=v1', { etag: '"v1"' }],
  ['etag={W/"v1"}', { etag: 'W/"v1"' }],
  [`last-modified={${date}}`, { 'last-modified': date }],
  ['expires=0', { expires: '0' }],
  ['vary=Accept&vary=X-A', { vary: /^Accept, X-A/ }],
  ['set-cookie={a=1}&set-cookie={b=2}', { 'set-cookie': 'a=1, b=2' }],
  ['tags=a,b%20c', { 'surrogate-key': 'a b c' }],
  ['location=/x&status=301', { location: '/x' }],
  ['content-type=text/css', { 'content-type': 'text/css' }],
  ['content-language=de', { 'content-language': 'de' }],
  ['content-location=/x', { 'content-location': '/x' }],
];

const told = fieldsToldOf.map(([query, fields]): Example => {
  const status = query.includes('status=301') ? 301 : 200;
  return {
    what: `/script?${query} says it`,
    target: script(query),
    answer: { status, fields: { ...nonce, ...fields } },
  };
});

const own = 'a cache between keeps it, or makes another of it';
const toldAlone = [
  ['surrogate-control={max-age=5}', { 'surrogate-control': 'max-age=5' }],
  ['age=7', { age: '7' }],
] as const;

const bodies = (
  [
    ['', '7', 'script\n'],
    ['anything=else&n=17', '7', 'script\n'],
    ['body=0', '0', ''],
    ['body=5', '5', '01234'],
    ['body=70', '70', pieceOf(70)],
    ['body=200000', '200000', pieceOf(200_000)],
    ['body=5&chunks=2', null, '01234'],
    ['body=200000&chunks=7', null, pieceOf(200_000)],
    ['chunks=3', null, 'script\n'],
    ['delay=30ms&body=3', '3', '012'],
    ['status=404&body=3', '3', '012'],
  ] as const
).map(([query, length, text]): Example => {
  const status = query.startsWith('status') ? 404 : 200;
  const fields = {
    ...nonce,
    ...(length && { 'content-length': length }),
    'content-type': /^text\/plain; ?charset=utf-8$/,
  };
  const what = `/script?${query} has a body of ${text.length} bytes`;
  return { what, target: script(query), answer: { status, fields, text } };
});

const broken = (
  [
    ['abort=after-head&body=100', '0'],
    ['abort=mid-body&body=100', pieceOf(50)],
    ['abort=mid-body&body=0', '0'],
    ['abort=mid-body', 'scri'],
    ['abort=mid-body&chunks=2&body=8', '0123'],
  ] as const
).map(([query, text]): Example => {
  const answer = { status: 200, text, isBroken: true } as const;
  return { what: `/script?${query} breaks off after ${text.length} bytes`, target: script(query), answer };
});

const noContent = { 'content-type': null, 'content-length': null };
const conditions = (
  [
    ['status=204', {}, { status: 204, fields: { ...nonce, 'content-type': null }, text: '' }],
    [
      'etag=a',
      { 'if-none-match': '"b", W/"a"' },
      // A front that could compress the page says that it is weak.
      { status: 304, fields: { ...nonce, ...noContent, etag: /^(?:W\/)?"a"$/ }, text: '' },
    ],
    ['etag=a', { 'if-none-match': '*' }, { status: 304 }],
    ['etag={a,b}', { 'if-none-match': '"a,b"' }, { status: 304 }],
    ['etag=a', { 'if-none-match': '"b"' }, { status: 200 }],
    [`last-modified={${date}}`, { 'if-modified-since': date }, { status: 304 }],
    [`last-modified={${date}}`, { 'if-modified-since': 'Wednesday, 01-Jan-25 00:00:00 GMT' }, { status: 304 }],
    [`last-modified={${date}}`, { 'if-modified-since': 'Wed Jan  1 00:00:00 2025' }, { status: 304 }],
    [`last-modified={${date}}`, { 'if-modified-since': earlier }, { status: 200 }],
    [`last-modified={${date}}`, { 'if-modified-since': 'yesterday' }, { status: 200 }],
    ['etag=a', { 'if-match': '"b"' }, { status: 412 }],
    ['etag={W/"a"}', { 'if-match': 'W/"a"' }, { status: 412 }],
    ['etag=a', { 'if-match': '"a"' }, { status: 200 }],
    [`last-modified={${date}}`, { 'if-unmodified-since': earlier }, { status: 412 }],
    ['etag=a&status=404', { 'if-none-match': '"a"' }, { status: 404 }],
    [
      'etag=a&cache-control={max-age=9}&vary=A&tags=t',
      { 'if-none-match': '"a"' },
      { status: 304, fields: { etag: '"a"', vary: /^A/, 'cache-control': 'max-age=9', 'surrogate-key': 't' } },
    ],
  ] as readonly (readonly [string, Readonly<Record<string, string>>, Expected])[]
).map(([query, headers, answer]): Example => {
  const asked = Object.entries(headers).map(([name, value]) => ` with ${name}: ${value}`);
  // The tag is another one in each, and what a cache keeps of one address is nobody else's.
  const target = script(`${query}&for=${Object.values(headers).map(encodeURIComponent)}`);
  return { what: `/script?${query}${asked} is a ${answer.status}`, target, headers, answer };
});

const refused = [
  ...['status=abc', 'status=100', 'status=600', 'status=200&status=404', 'delay=5', 'delay=1h', 'delay=1s&delay=1s'],
  ...[
    'body=-1',
    'body=1e3',
    'body=999999999999',
    'chunks=0',
    'chunks=%D9%A3',
    'abort=now',
    'age=old',
    'last-modified=yesterday',
  ],
  ...['last-modified={Wed, 31 Feb 2025 00:00:00 GMT}', 'etag={"a"b}', 'cache-control=a%0d%0ab', 'set-cookie={€}'],
  'early-hint=a%0d%0ab',
].map((query): Example => {
  const [parameter = ''] = query.split('=');
  const fields = { ...nonce, 'cache-control': 'no-store', 'content-type': /^text\/plain; ?charset=utf-8$/ };
  const answer = { status: 400, fields, text: new RegExp(`^bad parameter ${parameter}: .*\\n$`) };
  return { what: `/script?${query} is a 400 that names ${parameter}`, target: script(query), answer };
});

export const scriptExamples: readonly Example[] = [
  ...told,
  ...toldAlone.map(
    ([query, fields]): Example => ({
      ...{ what: `/script?${query} says it`, target: script(query), alone: own },
      answer: { status: 200, fields },
    }),
  ),
  ...bodies,
  ...broken,
  ...conditions,
  ...refused,
  {
    what: '/script?chunks=2 has no length',
    target: script('chunks=2'),
    alone: own,
    answer: { status: 200, fields: { 'content-length': null, 'transfer-encoding': 'chunked' } },
  },
  {
    what: '/script answers a HEAD by the length of the body alone',
    method: 'HEAD',
    target: script('body=70&cache-control=no-store'),
    answer: { status: 200, fields: { ...nonce, 'content-length': '70' }, text: '' },
  },
];
