import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipList } from './log-skip.ts';

describe('what is not logged', () => {
  for (const [list, target, expected] of [
    ['', '/', false],
    ['', '', false],
    ['/healthz', '/healthz', true],
    ['/healthz', '/healthz?a=/b', true],
    ['/healthz', '/healthz/', false],
    ['/healthz', '/HEALTHZ', false],
    ['/healthz', '/a?/healthz', false],
    [' /a , /assets/* ,', '/assets/', true],
    ['/a,/assets/*', '/assets/x/y?z', true],
    ['/a,/assets/*', '/assets', false],
    ['/a,/assets/*', '/a', true],
    ['/*', '/whatever', true],
    ['/*', '*', false],
  ] as const) {
    test(`by ${JSON.stringify(list)}: ${JSON.stringify(target)} is ${expected ? '' : 'not '}left out`, () => {
      assert.equal(skipList.parse(list)(target), expected);
    });
  }

  for (const wrong of ['healthz', '/a*b', '/a?b', '/a b', '*']) {
    test(`is told by paths, and ${JSON.stringify(wrong)} is none`, () => {
      assert.match(String(skipList.safeParse(wrong).error), /is no path such as/);
    });
  }
});
