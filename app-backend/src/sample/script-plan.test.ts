import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planScript, type ScriptPlan } from './script-plan.ts';

const nothing: ScriptPlan = {
  status: 200,
  headers: [],
  hints: [],
  etag: undefined,
  lastModified: undefined,
  delayMs: 0,
  bodyBytes: undefined,
  chunks: undefined,
  abort: undefined,
};
const date = 'Wed, 01 Jan 2025 00:00:00 GMT';

for (const [query, differences] of [
  ['', {}],
  ['anything=else&n=17', {}],
  ['status=404', { status: 404 }],
  ['delay=50ms&body=1024&chunks=3', { delayMs: 50, bodyBytes: 1024, chunks: 3 }],
  ['abort=after-head', { abort: 'after-head' }],
  ['abort=mid-body', { abort: 'mid-body' }],
  ['cache-control=max-age%3D5,%20public', { headers: [['Cache-Control', 'max-age=5, public']] }],
  ['cdn-cache-control=max-age%3D5', { headers: [['CDN-Cache-Control', 'max-age=5']] }],
  [
    'set-cookie=a%3D1&set-cookie=b%3D2',
    {
      headers: [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
    },
  ],
  [
    'vary=Accept&vary=X-A',
    {
      headers: [
        ['Vary', 'Accept'],
        ['Vary', 'X-A'],
      ],
    },
  ],
  ['tags=a,b%20c', { headers: [['Surrogate-Key', 'a b c']] }],
  ['etag=%22v1%22', { headers: [['ETag', '"v1"']], etag: '"v1"' }],
  ['etag=v1', { headers: [['ETag', '"v1"']], etag: '"v1"' }],
  ['etag=W/%22v1%22', { headers: [['ETag', 'W/"v1"']], etag: 'W/"v1"' }],
  [
    `last-modified=${encodeURIComponent(date)}`,
    { headers: [['Last-Modified', date]], lastModified: Date.UTC(2025, 0, 1) },
  ],
  ['expires=0', { headers: [['Expires', '0']] }],
  ['age=7', { headers: [['Age', '7']] }],
  ['location=/x&status=301', { headers: [['Location', '/x']], status: 301 }],
  ['surrogate-control=max-age%3D5', { headers: [['Surrogate-Control', 'max-age=5']] }],
  ['no-vary-search=key-order', { headers: [['No-Vary-Search', 'key-order']] }],
  ['cache-groups=%22a%22', { headers: [['Cache-Groups', '"a"']] }],
  ['cache-group-invalidation=%22a%22', { headers: [['Cache-Group-Invalidation', '"a"']] }],
  ['content-language=de', { headers: [['Content-Language', 'de']] }],
  ['content-location=/x', { headers: [['Content-Location', '/x']] }],
  [
    'early-hint=%3C/a.css%3E&early-hint=%3C/b.js%3E',
    {
      hints: [
        ['Link', '</a.css>'],
        ['Link', '</b.js>'],
      ],
    },
  ],
  ['content-type=text/css', { headers: [['Content-Type', 'text/css']] }],
] as readonly [string, Partial<ScriptPlan>][]) {
  test(`${query || 'no parameter'} is planned as ${JSON.stringify(differences)}`, () => {
    assert.deepEqual(planScript(new URLSearchParams(query)), {
      verdict: 'answer',
      plan: { ...nothing, ...differences },
    });
  });
}

for (const [query, parameter] of [
  ['status=abc', 'status'],
  ['status=100', 'status'],
  ['status=600', 'status'],
  ['status=200&status=404', 'status'],
  ['delay=5', 'delay'],
  ['delay=1h', 'delay'],
  ['delay=1s&delay=1s', 'delay'],
  ['body=-1', 'body'],
  ['body=1e3', 'body'],
  ['body=999999999999', 'body'],
  ['chunks=0', 'chunks'],
  ['abort=now', 'abort'],
  ['age=old', 'age'],
  ['last-modified=yesterday', 'last-modified'],
  ['etag=%22a%22b', 'etag'],
  ['cache-control=a%0d%0ab', 'cache-control'],
  ['set-cookie=%E2%82%AC', 'set-cookie'],
  ['early-hint=a%0d%0ab', 'early-hint'],
] as const) {
  test(`${query} names ${parameter} as bad`, () => {
    const verdict = planScript(new URLSearchParams(query));
    assert.ok(verdict.verdict === 'bad');
    assert.equal(verdict.parameter, parameter);
  });
}
