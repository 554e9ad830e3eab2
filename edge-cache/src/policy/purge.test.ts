import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPurge, type Selector } from './purge.ts';

const good: readonly [body: object, selector: Selector][] = [
  [{ url: '/a?b' }, { by: 'url', host: undefined, path: '/a?b' }],
  [{ url: 'http://Example.com:80/a' }, { by: 'url', host: 'example.com', path: '/a' }],
  [{ url: 'https://example.com:8443' }, { by: 'url', host: 'example.com:8443', path: '/' }],
  [{ prefix: '/a/' }, { by: 'prefix', host: undefined, path: '/a/' }],
  [{ prefix: 'http://h/a' }, { by: 'prefix', host: 'h', path: '/a' }],
  [{ tags: ['a', 'b c'] }, { by: 'tags', tags: ['a', 'b c'] }],
  [{ all: true }, { by: 'all' }],
];
for (const [body, selector] of good) {
  test(`${JSON.stringify(body)} is a purge`, () => {
    assert.deepEqual(readPurge(body), { verdict: 'purge', order: { selector, soft: false, dryRun: false } });
  });
}

test('soft and dryRun are read', () => {
  const reading = readPurge({ all: true, soft: true, dryRun: true });
  assert.deepEqual(reading, { verdict: 'purge', order: { selector: { by: 'all' }, soft: true, dryRun: true } });
});

for (const [body, why] of [
  [undefined, /JSON object/],
  [null, /JSON object/],
  [[], /JSON object/],
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
  test(`${JSON.stringify(body)} is refused`, () => {
    const reading = readPurge(body);
    assert.equal(reading.verdict, 'bad');
    assert.match(reading.verdict === 'bad' ? reading.why : '', why);
  });
}
