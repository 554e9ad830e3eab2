import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPurge, type Selector } from './purge.ts';

const good: readonly [body: object, selector: Selector][] = [
  [{ url: '/a?b' }, { by: 'url', host: undefined, path: '/a?b' }],
  [{ url: 'http://Example.com:80/a' }, { by: 'url', host: 'example.com', path: '/a' }],
  [{ url: 'https://example.com:8443' }, { by: 'url', host: 'example.com:8443', path: '/' }],
  [{ prefix: '/a/' }, { by: 'prefix', host: undefined, path: '/a/' }],
  [{ prefix: 'http://h/a' }, { by: 'prefix', host: 'h', path: '/a' }],
  [{ url: ['/a'] }, { by: 'any', of: [{ by: 'url', host: undefined, path: '/a' }] }],
  [
    { prefix: ['/a/', 'http://h/b'] },
    {
      by: 'any',
      of: [
        { by: 'prefix', host: undefined, path: '/a/' },
        { by: 'prefix', host: 'h', path: '/b' },
      ],
    },
  ],
  [{ tags: ['a', 'b c'] }, { by: 'tags', tags: ['a', 'b c'] }],
  [{ all: true }, { by: 'all' }],
];
for (const [body, selector] of good) {
  test(`${JSON.stringify(body)} is a purge`, () => {
    const order = { selector, soft: false, dryRun: false };
    assert.deepEqual(readPurge(body), { verdict: 'purge', orders: [order], isBatch: false });
    assert.deepEqual(readPurge([body]), { verdict: 'purge', orders: [order], isBatch: true });
  });
}

test('soft and dryRun are read', () => {
  const reading = readPurge({ all: true, soft: true, dryRun: true });
  const order = { selector: { by: 'all' }, soft: true, dryRun: true };
  assert.deepEqual(reading, { verdict: 'purge', orders: [order], isBatch: false });
});

for (const [body, why] of [
  [undefined, /JSON object/],
  [null, /JSON object/],
  [[], /at least one order/],
  [[{ all: true }, { url: 'a' }], /^order 1: "url" must be/],
  [[{ all: true }, [{ all: true }]], /^order 1: an order must be a JSON object/],
  [[{ all: true, dryRun: true }, { all: true }], /^order 1: "dryRun" must be the same/],
  [Array.from({ length: 1001 }, () => ({ all: true })), /1000 orders at most/],
  [{ url: [] }, /"url" must not be an empty list/],
  [{ url: ['/a', '/b', 'c'] }, /"url" must be .*number 2 of the list/],
  [{ prefix: ['/a', ['/b']] }, /"prefix" must be .*number 1/],
  ['all', /JSON object/],
  [{}, /exactly one/],
  [{ soft: true }, /exactly one/],
  [{ url: '/a', all: true }, /exactly one/],
  [{ urls: '/a' }, /no member "urls"/],
  [{ url: 5 }, /"url" must be/],
  [{ url: 'a' }, /"url" must be/],
  [{ url: '*' }, /"url" must be/],
  [{ url: '/a b' }, /space/],
  [{ url: 'ftp://h/a' }, /"url" must be/],
  [{ prefix: 'http://h h/' }, /"prefix" must be/],
  [{ tags: 'a' }, /"tags" must be/],
  [{ tags: [] }, /"tags" must be/],
  [{ tags: ['a', ''] }, /"tags" must be/],
  [{ tags: [1] }, /"tags" must be/],
  [{ all: false }, /"all" must be true/],
  [{ all: true, soft: 'yes' }, /"soft" must be/],
  [{ all: true, dryRun: 1 }, /"dryRun" must be/],
  [{ __proto__: null, constructor: 1, all: true }, /no member "constructor"/],
] as const) {
  test(`${JSON.stringify(body)?.slice(0, 80)} is refused`, () => {
    const reading = readPurge(body);
    assert.equal(reading.verdict, 'bad');
    assert.match(reading.verdict === 'bad' ? reading.why : '', why);
  });
}

test('a batch tells which of its orders is wrong', () => {
  assert.deepEqual(readPurge([{ all: true }, {}]), {
    verdict: 'bad',
    why: 'order 1: exactly one of "url", "prefix", "tags", "all" must be given',
    index: 1,
  });
});
