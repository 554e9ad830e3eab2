import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upstreamProblems } from './upstream-problems.ts';

const addresses = 'http://10.0.0.1:9000';

const wrong: [said: object, problem: RegExp][] = [
  [{ addresses: [] }, /addresses: is a comma list/],
  [{ addresses: { a: addresses } }, /addresses: is a comma list/],
  [{ addresses: [{ weight: 1 }] }, /addresses: 0: address/],
  [{ addresses: [{ address: addresses, weight: 101 }] }, /weight: 101 is not a whole number from 1 to 100/],
  [{ addresses: 'https://10.0.0.1' }, /not an address/],
  [{ failTimeout: '0s' }, /failTimeout: .*longer than 0/],
  [{ failFraction: 1.5 }, /failFraction: 1.5 is not a number from 0 to 1/],
  [{ failFraction: -1 }, /failFraction/],
  [{ queueWait: '0s' }, /queueWait: .*longer than 0/],
  [{ idle: '0s' }, /idle: .*longer than 0/],
  [{ timeouts: { connect: '0s' } }, /timeouts: connect: .*longer than 0/],
  [{ timeouts: { total: '0s' } }, /timeouts: total: .*longer than 0/],
  [{ timeouts: { all: '1s' } }, /no "all"/],
  [{ probe: { interval: '0s' } }, /probe: interval: .*longer than 0/],
  [{ probe: { window: 2 } }, /probe: a threshold of 3 is beyond the window of 2/],
  [{ probe: { threshold: 9 } }, /probe: a threshold of 9 is beyond the window of 8/],
  [{ probe: { host: 'a b' } }, /probe: host: "a b" is no host/],
  [{ probe: { host: 'a\r\nb' } }, /probe: host: .* is no host/],
  [{ sticky: { maxAge: '0s' } }, /sticky: maxAge: .*longer than 0/],
  [{ sticky: { secret: 'short' } }, /sticky: secret: is a text of at least 16/],
  [{ sticky: { cookie: 'a;b' } }, /sticky: cookie: "a;b" is no name/],
  [{ hashBy: 'url' }, /hashBy: goes with balance/],
];

for (const [said, problem] of wrong) {
  test(`${JSON.stringify(said)} is a problem`, () => {
    assert.match(upstreamProblems('upstreams.x', { addresses, ...said }, false).join('\n'), problem);
  });
}

test('an upstream needs no more than its addresses', () => {
  assert.deepEqual(upstreamProblems('upstreams.x', { addresses }, false), []);
});
