import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawLimits, fatigueOf } from './fatigue.ts';

const record = { method: 'GET', status: 200, outcome: 'done', ms: 1, bytes: 1, fault: undefined } as const;

for (const [what, limits, random, expected] of [
  ['nothing is set', {}, 0.5, { requests: 0, ageMs: 0, rss: 0 }],
  [
    'the jitter is least',
    { maxRequests: 100, maxRequestsJitter: 20, maxAge: 1000 },
    0,
    { requests: 100, ageMs: 1000, rss: 0 },
  ],
  [
    'it is most',
    { maxRequests: 100, maxRequestsJitter: 20, maxAge: 1000 },
    0.999999,
    { requests: 120, ageMs: 1100, rss: 0 },
  ],
  ['there is a jitter of nothing', { maxRequestsJitter: 20, maxRss: 5 }, 0.5, { requests: 0, ageMs: 0, rss: 5 }],
] as const) {
  test(`the limits of a worker, where ${what}`, () => {
    const { requests, ageMs, rss } = drawLimits(limits, () => random);
    assert.deepEqual({ requests, ageMs: Math.round(ageMs), rss }, expected);
  });
}

test('a worker says once that it has had its requests, in whichever lane they came', async () => {
  await using own = new AsyncDisposableStack();
  const said: string[] = [];
  const counted: string[] = [];
  const metrics = {
    exchange: () => void counted.push('exchange'),
    count: () => void counted.push('count'),
  };
  const { counting } = fatigueOf({ maxRequests: 3 }, { tired: (why) => void said.push(why) }, own);
  const counts = counting(metrics as unknown as Parameters<typeof counting>[0]);
  counts.exchange(record as unknown as Parameters<typeof counts.exchange>[0]);
  counts.count(0, 1, 1);
  assert.deepEqual(said, []);
  counts.count(0, 1, 1);
  counts.count(0, 1, 1);
  assert.deepEqual([said, counted], [['max-requests'], ['exchange', 'count', 'count', 'count']]);
});
