import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadGenerator } from '../load/load-generator.ts';
import { few, measureObjects } from './measure-objects.ts';

test('stores are filled, asked in turn, and answer without their origin', async () => {
  await using generator = new LoadGenerator();
  const plan = { requests: 200, rounds: 2, connections: 4, warmUp: 0 };
  const { edge, mixedCollections } = await measureObjects(plan, 2 * few, { generator, pinning: undefined });
  for (const side of [edge.mixed.few, edge.mixed.many, edge.hits.few, edge.hits.many]) {
    assert.deepEqual([side.missing, side.wrong, side.rounds.length], [undefined, {}, 2]);
  }
  const { range, last, residentBefore, residentAfter } = edge.filling;
  assert.deepEqual(range, [1_600, 2_000]);
  assert.equal(last.rounds.length, 1);
  assert.ok(residentBefore > 0 && residentAfter > 0);
  assert.ok(mixedCollections.many.longestMs >= 0);
});
