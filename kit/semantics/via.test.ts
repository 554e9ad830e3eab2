import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendVia } from './via.ts';

const cases: [before: string[], after: string][] = [
  [[], '1.1 edge-cache'],
  [['Via', ''], '1.1 edge-cache'],
  [['Via', '1.0 a'], '1.0 a, 1.1 edge-cache'],
  [['Via', '1.0 a', 'Host', 'x', 'via', '1.1 b (c, d)'], '1.0 a, 1.1 b (c, d), 1.1 edge-cache'],
];

for (const [before, after] of cases) {
  test(`Via of ${JSON.stringify(before)} becomes ${after}`, () => {
    assert.equal(appendVia(before, '1.1', 'edge-cache'), after);
  });
}
