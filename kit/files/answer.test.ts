import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '../semantics/fields.ts';
import { answer, type FileFacts, factsOf } from './answer.ts';

const mtime = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const date = 'Fri, 02 Jan 2026 03:04:05 GMT';
const later = 'Fri, 02 Jan 2026 03:04:06 GMT';
const earlier = 'Fri, 02 Jan 2026 03:04:04 GMT';
const now = Date.UTC(2026, 5, 1);

function file(name = 'f.txt', coding?: string): FileFacts {
  return factsOf({ name, version: { mtimeNs: BigInt(mtime) * 1_000_000n, size: 10n }, coding });
}

const { etag } = file();

function ask(fields: readonly string[], method = 'GET', facts = file()) {
  return answer({ method, fields }, facts, now);
}

function outcome(fields: readonly string[], method = 'GET'): string {
  const reply = ask(fields, method);
  switch (reply.verdict) {
    case 'send':
      return reply.bytes ? `${reply.status} ${reply.bytes.first}-${reply.bytes.last}` : `${reply.status}`;
    case 'send-parts':
      return `206 ${reply.ranges.map(({ first, last }) => `${first}-${last}`).join(' ')}`;
    case 'not-modified':
      return '304';
    case 'refuse':
      return reply.why;
  }
}

const failed = 'precondition-failed';
const table: readonly [what: string, fields: readonly string[], expected: string][] = [
  ['nothing asked', [], '200 0-9'],
  ['the same tag', ['If-None-Match', etag], '304'],
  ['the same tag, weak', ['If-None-Match', `W/${etag}`], '304'],
  ['a list with the tag', ['If-None-Match', `"a", ${etag}`], '304'],
  ['any tag', ['If-None-Match', '*'], '304'],
  ['another tag', ['If-None-Match', '"a"'], '200 0-9'],
  ['the same time', ['If-Modified-Since', date], '304'],
  ['a later time', ['If-Modified-Since', later], '304'],
  ['an earlier time', ['If-Modified-Since', earlier], '200 0-9'],
  ['no time at all', ['If-Modified-Since', 'yesterday'], '200 0-9'],
  ['another tag beats the same time', ['If-None-Match', '"a"', 'If-Modified-Since', date], '200 0-9'],
  ['the tag to match', ['If-Match', etag], '200 0-9'],
  ['a weak tag never matches', ['If-Match', `W/${etag}`], failed],
  ['another tag to match', ['If-Match', '"a"'], failed],
  ['anything to match', ['If-Match', '*'], '200 0-9'],
  ['unmodified since then', ['If-Unmodified-Since', date], '200 0-9'],
  ['modified since then', ['If-Unmodified-Since', earlier], failed],
  ['If-Match beats If-Unmodified-Since', ['If-Match', etag, 'If-Unmodified-Since', earlier], '200 0-9'],
  ['If-Match comes before If-None-Match', ['If-Match', '"a"', 'If-None-Match', etag], failed],
  ['a range', ['Range', 'bytes=2-4'], '206 2-4'],
  ['an open range', ['Range', 'bytes=2-'], '206 2-9'],
  ['the last bytes', ['Range', 'bytes=-3'], '206 7-9'],
  ['more last bytes than there are', ['Range', 'bytes=-99'], '206 0-9'],
  ['a range beyond the end', ['Range', 'bytes=5-99'], '206 5-9'],
  ['a range that begins behind the end', ['Range', 'bytes=10-'], 'range-not-satisfiable'],
  ['no last bytes', ['Range', 'bytes=-0'], 'range-not-satisfiable'],
  ['a range backwards is ignored', ['Range', 'bytes=5-4'], '200 0-9'],
  ['a range of nothing is ignored', ['Range', 'bytes=abc'], '200 0-9'],
  ['another unit is ignored', ['Range', 'lines=1-2'], '200 0-9'],
  ['several ranges', ['Range', 'bytes=0-1,4-5'], '206 0-1 4-5'],
  ['several ranges of which one can be', ['Range', 'bytes=10-,4-5'], '206 4-5'],
  ['several ranges of which none can be', ['Range', 'bytes=10-,20-'], 'range-not-satisfiable'],
  ['several ranges that are more than the file', ['Range', 'bytes=0-,0-'], '200 0-9'],
  ['several ranges and If-Range with the tag', ['Range', 'bytes=0-1,4-5', 'If-Range', etag], '206 0-1 4-5'],
  ['several ranges and If-Range with the tag, weak', ['Range', 'bytes=0-1,4-5', 'If-Range', `W/${etag}`], '200 0-9'],
  ['a huge range backwards', ['Range', 'bytes=99999999999999999999-1'], '200 0-9'],
  ['If-Range with the tag', ['Range', 'bytes=0-1', 'If-Range', etag], '206 0-1'],
  ['If-Range with another tag', ['Range', 'bytes=0-1', 'If-Range', '"a"'], '200 0-9'],
  ['If-Range with the tag, weak', ['Range', 'bytes=0-1', 'If-Range', `W/${etag}`], '200 0-9'],
  ['If-Range with text around the tag', ['Range', 'bytes=0-1', 'If-Range', `xx${etag}yy`], '200 0-9'],
  ['If-Range with the time', ['Range', 'bytes=0-1', 'If-Range', date], '206 0-1'],
  ['If-Range with a later time', ['Range', 'bytes=0-1', 'If-Range', later], '200 0-9'],
  ['a condition comes before the range', ['Range', 'bytes=99-', 'If-None-Match', etag], '304'],
  ['If-Range that fails saves from 416', ['Range', 'bytes=99-', 'If-Range', '"a"'], '200 0-9'],
];

for (const [what, fields, expected] of table) {
  test(`${what}: ${expected}`, () => assert.equal(outcome(fields), expected));
}

for (const [method, fields, expected] of [
  ['HEAD', [], '200'],
  ['HEAD', ['Range', 'bytes=0-1'], '200'],
  ['HEAD', ['If-None-Match', etag], '304'],
  ['POST', [], 'method-not-allowed'],
  ['OPTIONS', [], 'method-not-allowed'],
  ['PUT', ['If-Match', '"a"'], 'method-not-allowed'],
] as const) {
  test(`${method} with ${JSON.stringify(fields)}: ${expected}`, () => assert.equal(outcome(fields, method), expected));
}

test('the head of a whole file', () => {
  const reply = ask([]);
  assert.deepEqual(reply, {
    ...{ verdict: 'send', status: 200, bytes: { first: 0, last: 9 } },
    fields: [
      ...['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', '10', 'Accept-Ranges', 'bytes'],
      ...['ETag', etag, 'Last-Modified', date, 'Vary', 'Accept-Encoding', 'X-Content-Type-Options', 'nosniff'],
    ],
  });
});

test('the head of a part', () => {
  const { fields } = ask(['Range', 'bytes=2-4']);
  assert.equal(field(fields, 'content-length'), '3');
  assert.equal(field(fields, 'content-range'), 'bytes 2-4/10');
  assert.equal(field(fields, 'etag'), etag);
});

test('what cannot be satisfied says how much there is', () => {
  assert.equal(field(ask(['Range', 'bytes=10-']).fields, 'content-range'), 'bytes */10');
});

test('a 304 repeats what identifies the file and nothing of its content', () => {
  assert.deepEqual(ask(['If-None-Match', etag]).fields, [
    ...['ETag', etag, 'Last-Modified', date, 'Vary', 'Accept-Encoding', 'X-Content-Type-Options', 'nosniff'],
  ]);
});

test('a sibling is another representation of the same type', () => {
  const { fields } = ask([], 'GET', file('f.txt', 'br'));
  assert.equal(field(fields, 'content-encoding'), 'br');
  assert.equal(field(fields, 'content-type'), 'text/plain; charset=utf-8');
  assert.notEqual(field(fields, 'etag'), etag);
  assert.equal(field(fields, 'vary'), 'Accept-Encoding');
});

test('a type without siblings does not vary', () => {
  assert.equal(field(ask([], 'GET', file('f.png')).fields, 'vary'), undefined);
});

test('a file from the future was changed now at the latest', () => {
  const reply = answer({ method: 'GET', fields: [] }, file(), mtime - 5000);
  assert.equal(field(reply.fields, 'last-modified'), 'Fri, 02 Jan 2026 03:04:00 GMT');
});

test('an empty file has a head and no bytes', () => {
  const empty = { ...file(), size: 0 };
  assert.deepEqual({ ...ask([], 'GET', empty), fields: [] }, { verdict: 'send', status: 200, fields: [] });
  assert.equal(field(ask([], 'GET', empty).fields, 'content-length'), '0');
});

test('only HTML carries the security headers', () => {
  const html = ask([], 'GET', file('a.html')).fields;
  for (const name of ['x-frame-options', 'referrer-policy', 'permissions-policy', 'content-security-policy']) {
    assert.ok(field(html, name), name);
    assert.equal(field(ask([]).fields, name), undefined, name);
  }
});

const immutable = 'public, max-age=31536000, immutable';
for (const [name, expected] of [
  ['app.3f9a2b1c.js', immutable],
  ['assets/app-3F9A2B1C.css', immutable],
  ['logo.0123456789abcdef0123.svg', immutable],
  ['app.3f9a2b1.js', undefined],
  ['app.20260102.js', undefined],
  ['app.3f9a2b1g.js', undefined],
  ['3f9a2b1c.js', undefined],
  ['.3f9a2b1c.js', undefined],
  ['app3f9a2b1c.js', undefined],
  ['app.3f9a2b1c', undefined],
  ['app.3f9a2b1c/f.js', undefined],
  ['index.html', 'no-cache'],
  ['report-2024010a.html', 'no-cache'],
  ['f.txt', undefined],
] as const) {
  test(`${name} is ${expected ?? 'kept as long as the cache thinks fit'}`, () => {
    assert.equal(field(ask([], 'GET', file(name)).fields, 'cache-control'), expected);
  });
}
