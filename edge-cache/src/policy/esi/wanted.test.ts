import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEsi } from './wanted.ts';

const values: readonly [value: string, isWanted: boolean][] = [
  ['content="ESI/1.0"', true],
  ['Content = "ESI/1.0"', true],
  ['content=ESI/1.0', true],
  ['max-age=60+30, content="ESI/1.0"', true],
  ['content="ESI-Inline/1.0 ESI/1.0"', true],
  ['content="ESI/1.0";edge-cache', true],
  ['content="ESI/1.0";other', false],
  ['content="ESI/1.0";other, content="ESI/1.0";edge-cache', true],
  ['content="ESI-Inline/1.0"', false],
  ['content="ESI/1.0x"', false],
  ['content=""', false],
  ['content', false],
  ['ESI/1.0', false],
  ['max-age=60, x="content=ESI/1.0"', false],
];

for (const [value, isWanted] of values) {
  test(`Surrogate-Control: ${value} ${isWanted ? 'asks' : 'does not ask'} for ESI`, () => {
    assert.equal(isEsi({ status: 200, fields: ['Surrogate-Control', value] }, undefined), isWanted);
  });
}

test("the policy's word counts before the response's", () => {
  const fields = ['surrogate-control', 'content="ESI/1.0"'];
  assert.equal(isEsi({ status: 200, fields: [] }, true), true);
  assert.equal(isEsi({ status: 200, fields }, false), false);
});

for (const [status, isWanted] of [
  [200, true],
  [404, true],
  [503, true],
  [204, false],
  [206, false],
  [304, false],
] as const) {
  test(`a ${status} ${isWanted ? 'may have' : 'has no'} markup`, () => {
    assert.equal(isEsi({ status, fields: [] }, true), isWanted);
  });
}
