import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waits } from './lane-stage.ts';

test('what comes waits for its turn while an answer is made or given, and no longer', () => {
  const stages = ['reading', 'giving', 'taken', 'lent', 'open', 'over'] as const;
  assert.deepEqual(stages.filter(waits), ['giving', 'taken', 'lent']);
});
