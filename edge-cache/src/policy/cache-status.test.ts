import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseList } from 'structured-headers';
import { appendCacheStatus, type CacheOutcome, cacheStatus } from './cache-status.ts';

const table: readonly [outcome: CacheOutcome, text: string][] = [
  [{ hit: true, ttl: 31 }, 'edge-cache; hit; ttl=31'],
  [
    { hit: true, ttl: -3, detail: 'stale-while-revalidate' },
    'edge-cache; hit; ttl=-3; detail="stale-while-revalidate"',
  ],
  [{ fwd: 'uri-miss', stored: true }, 'edge-cache; fwd=uri-miss; stored'],
  [{ fwd: 'uri-miss', stored: true, collapsed: true }, 'edge-cache; fwd=uri-miss; stored; collapsed'],
  [{ fwd: 'uri-miss', detail: 'set-cookie' }, 'edge-cache; fwd=uri-miss; detail="set-cookie"'],
  [{ fwd: 'stale', fwdStatus: 304, stored: true }, 'edge-cache; fwd=stale; fwd-status=304; stored'],
  [{ detail: 'only-if-cached' }, 'edge-cache; detail="only-if-cached"'],
  [{ fwd: 'bypass', detail: 'say "no"\\ é' }, 'edge-cache; fwd=bypass; detail="say \\"no\\"\\\\ ?"'],
];
for (const [outcome, text] of table) {
  test(`Cache-Status: ${text}`, () => {
    assert.equal(cacheStatus(outcome), text);
    assert.equal(parseList(text).length, 1);
  });
}

test('it stands behind what upstream caches said', () => {
  assert.equal(appendCacheStatus('other; hit', { hit: true, ttl: 1 }), 'other; hit, edge-cache; hit; ttl=1');
  assert.equal(appendCacheStatus(undefined, { hit: true, ttl: 1 }), 'edge-cache; hit; ttl=1');
});
