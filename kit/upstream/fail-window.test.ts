import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FailWindow } from './fail-window.ts';

/** `.`: answered; `x`: failed; ` `: a tenth of the window passes. Says what was said of the last failure. */
function verdict(story: string, fraction: number): boolean | undefined {
  const window = new FailWindow(1_000);
  let now = 5_000;
  let last: boolean | undefined;
  for (const event of story) {
    if (event === ' ') now += 100;
    else if (event === 'x') last = window.failed(now, fraction);
    else window.answered(now);
  }
  return last;
}

const ago = (tenths: number) => ' '.repeat(tenths);

for (const [what, story, fraction, isTooMany] of [
  ['nine failures say nothing', 'xxxxxxxxx', 0.5, false],
  ['ten do', 'xxxxxxxxxx', 0.5, true],
  ['every other one of ten is half of them', '.x.x.x.x.x', 0.5, true],
  ['four of ten are less', '.x.x.x...x', 0.5, false],
  ['and enough where less is', '.x.x.x...x', 0.4, true],
  ['nine of ten are not all', 'xxxxxx.xxx', 1, false],
  ['what is almost as old as the window counts', `xxxxx....${ago(9)}x`, 0.5, true],
  ['what is older does not', `xxxxx....${ago(10)}x`, 0.5, false],
  ['nor what is much older', `xxxxxxxxx${ago(37)}x`, 0.5, false],
  ['answers are forgotten, too', `..........${ago(9)}xxxxx${ago(1)}xxxxx`, 0.9, true],
] as const) {
  test(what, () => assert.equal(verdict(story, fraction), isTooMany));
}

test('behind a new beginning nothing of before counts', () => {
  const window = new FailWindow(1_000);
  for (let i = 0; i < 9; i++) window.failed(0, 0.5);
  window.clear();
  assert.equal(window.failed(0, 0.5), false);
});
