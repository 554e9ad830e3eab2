import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEntityTag } from '../semantics/etag.ts';
import { entityTag } from './etag.ts';

const version = { mtimeNs: 1_700_000_000_000_000_001n, size: 1024n };

test('an entity tag is strong and well formed', () => {
  for (const coding of [undefined, 'br']) {
    assert.equal(parseEntityTag(entityTag(version, coding))?.weak, false);
  }
});

test('time, size and coding each make another tag', () => {
  const tags = [
    entityTag(version, undefined),
    entityTag({ ...version, mtimeNs: version.mtimeNs + 1n }, undefined),
    entityTag({ ...version, size: 1025n }, undefined),
    ...['zstd', 'br', 'gzip'].map((coding) => entityTag(version, coding)),
  ];
  assert.equal(new Set(tags).size, tags.length);
});

test('the same version has the same tag', () => {
  assert.equal(entityTag(version, 'br'), entityTag({ ...version }, 'br'));
});
