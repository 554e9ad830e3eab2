import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enduranceOf, wornBy } from './wear.ts';

const none = { maxRequests: 0, maxRequestsJitter: 0, maxAgeMs: 0, maxRssBytes: 0 };
const nothing = { requests: 0, ageMs: 0, rssBytes: 0 };
const much = { requests: 1e9, ageMs: 1e9, rssBytes: 1e12 };

test('without limits a worker goes on for ever', () => {
  assert.equal(wornBy(much, enduranceOf(none, 0.9)), undefined);
});

for (const [limits, chance, done, why] of [
  [{ maxRequests: 10 }, 0, { requests: 9 }, undefined],
  [{ maxRequests: 10 }, 0.99, { requests: 10 }, 'max-requests'],
  [{ maxRequests: 10, maxRequestsJitter: 5 }, 0, { requests: 10 }, 'max-requests'],
  [{ maxRequests: 10, maxRequestsJitter: 5 }, 0.999, { requests: 14 }, undefined],
  [{ maxRequests: 10, maxRequestsJitter: 5 }, 0.999, { requests: 15 }, 'max-requests'],
  [{ maxRequestsJitter: 5 }, 0.999, { requests: 1000 }, undefined],
  [{ maxAgeMs: 1000 }, 0, { ageMs: 1000 }, 'max-age'],
  [{ maxAgeMs: 1000 }, 0.5, { ageMs: 1049 }, undefined],
  [{ maxAgeMs: 1000 }, 0.5, { ageMs: 1050 }, 'max-age'],
  [{ maxRssBytes: 4096 }, 0.5, { rssBytes: 4096 }, 'max-rss'],
] as const) {
  test(`${JSON.stringify(done)} of ${JSON.stringify(limits)} with the chance ${chance}: ${why}`, () => {
    assert.equal(wornBy({ ...nothing, ...done }, enduranceOf({ ...none, ...limits }, chance)), why);
  });
}
