import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rssOf } from './rss.ts';

const skip = process.platform === 'linux' ? false : 'only Linux tells it';

test('the memory of a process is in bytes', { skip }, () => {
  const told = rssOf(process.pid) ?? 0;
  const known = process.memoryUsage.rss();
  assert.ok(told > known / 2 && told < known * 2, `${told} is not about ${known}`);
});

test('of a process that is gone, or has no memory of its own, it is not known', { skip }, () => {
  // Numbers of processes end at 2²², and 2 is a thread of the kernel where it can be seen.
  assert.equal(rssOf(2 ** 30), undefined);
});
