import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@trivet/kit/testing/clock.ts';
import { TopUrls } from './top-urls.ts';

function counting() {
  const clock = new ManualClock();
  const top = new TopUrls(clock.read);
  const count = (target: string, cache: string, bytes = 10) => top.count({ host: 'h', target, cache, bytes });
  return { clock, top, count };
}

test('URLs are counted by what the cache did with them, and by their bytes', () => {
  const { top, count } = counting();
  for (const cache of ['miss', 'hit', 'hit', 'stale']) count('/a', cache);
  for (const cache of ['miss', 'renewed', 'pass', 'synth']) count('/b', cache, 1000);
  assert.deepEqual(top.top('hits', 9).urls, [{ url: 'h/a', count: 3, over: 0 }]);
  assert.deepEqual(
    top.top('misses', 9).urls.map(({ url, count }) => [url, count]),
    [
      ['h/b', 2],
      ['h/a', 1],
    ],
  );
  assert.deepEqual(
    top.top('bytes', 1).urls.map(({ url, count }) => [url, count]),
    [['h/b', 4000]],
  );
});

test('what is told is of this hour and the one before, and says since when', () => {
  const { clock, top, count } = counting();
  count('/a', 'hit');
  clock.advance(3_600_000);
  count('/a', 'hit');
  assert.deepEqual(top.top('hits', 9), { by: 'hits', sinceSeconds: 3600, urls: [{ url: 'h/a', count: 2, over: 0 }] });
  clock.advance(3_600_000);
  assert.equal(top.top('hits', 9).urls[0]?.count, 1);
  clock.advance(7_200_000);
  assert.deepEqual(top.top('hits', 9), { by: 'hits', sinceSeconds: 0, urls: [] });
});

test('a URL without end takes no memory without end', () => {
  const { top, count } = counting();
  count(`/${'x'.repeat(16_000)}`, 'hit');
  assert.equal(top.top('hits', 1).urls[0]?.url.length, 501);
});

test('a hit that has no record counts in the row of those that have one', () => {
  const { clock, top, count } = counting();
  count('/a', 'hit', 10);
  top.hit('h/a', 5, clock.now);
  top.hit('h/a', 0, clock.now);
  assert.deepEqual(top.top('hits', 9).urls, [{ url: 'h/a', count: 3, over: 0 }]);
  assert.deepEqual(top.top('bytes', 9).urls, [{ url: 'h/a', count: 15, over: 0 }]);
  clock.advance(3_600_000);
  top.hit(`h/${'x'.repeat(16_000)}`, 5, clock.now);
  clock.advance(3_600_000);
  top.hit('h/b', 5, clock.now);
  assert.deepEqual(
    top.top('hits', 9).urls.map(({ url }) => url.slice(0, 5)),
    ['h/b', 'h/xxx'],
  );
});
