import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { gcra, intervalOf, type Rate } from './gcra.ts';

for (const [rate, ms] of [
  ['10/s', 100],
  ['600/m', 100],
  ['1/h', 3_600_000],
] as const) {
  test(`${rate} is one each ${ms}ms`, () => assert.equal(intervalOf(rate), ms));
}

function run(rate: Rate, times: readonly number[]): string[] {
  let due: number | undefined;
  return times.map((now) => {
    const verdict = gcra(due, now, rate);
    if (verdict.verdict !== 'refuse') due = verdict.due;
    if (verdict.verdict === 'wait') return `wait ${verdict.waitMs}`;
    return verdict.verdict === 'refuse' ? `refuse ${verdict.retryAfterMs}` : 'in';
  });
}

// What nginx does with `rate=10r/s`, and `burst=2`, and `burst=2 nodelay`.
const table: readonly [what: string, rate: Omit<Rate, 'intervalMs'>, times: number[], verdicts: string[]][] = [
  [
    'none at once',
    { burst: 0, delay: false },
    [0, 0, 99, 100, 150],
    ['in', 'refuse 100', 'refuse 1', 'in', 'refuse 50'],
  ],
  [
    'two at once',
    { burst: 2, delay: false },
    [0, 0, 0, 0, 100, 100],
    ['in', 'in', 'in', 'refuse 100', 'in', 'refuse 100'],
  ],
  [
    'two in turn',
    { burst: 2, delay: true },
    [0, 0, 0, 0, 50],
    ['in', 'wait 100', 'wait 200', 'refuse 100', 'refuse 50'],
  ],
  ['silence saves nothing up', { burst: 1, delay: false }, [0, 9000, 9000, 9000], ['in', 'in', 'in', 'refuse 100']],
];
for (const [what, rate, times, verdicts] of table) {
  test(`ten a second, ${what}`, () => assert.deepEqual(run({ intervalMs: 100, ...rate }, times), verdicts));
}

test('as many as the rate has come in at once, whatever a third is in binary', () => {
  const rate = { intervalMs: intervalOf('3/s'), burst: 50, delay: false };
  const verdicts = run(rate, Array(52).fill(1_234_567.891));
  assert.equal(verdicts.filter((verdict) => verdict === 'in').length, 51);
});

/** nginx's own way: how many requests too many there are, which the rate takes off again. */
function leakyBucket({ intervalMs, burst }: Rate): (now: number) => { isIn: boolean; excess: number } {
  let last: { readonly at: number; readonly excess: number } | undefined;
  return (now) => {
    const excess = last === undefined ? 0 : Math.max(0, last.excess - (now - last.at) / intervalMs + 1);
    const isIn = excess <= burst + 1e-9;
    if (isIn) last = { at: now, excess };
    return { isIn, excess };
  };
}

/** One request by both: are they of one mind? */
function agreeAt(rate: Rate, due: number | undefined, now: number, expected: { isIn: boolean; excess: number }) {
  const found = gcra(due, now, rate);
  assert.equal(found.verdict !== 'refuse', expected.isIn);
  if (found.verdict === 'refuse') {
    // Who comes back then is in; who comes a little before is not.
    assert.notEqual(gcra(due, now + found.retryAfterMs, rate).verdict, 'refuse');
    assert.equal(gcra(due, now + found.retryAfterMs - 1, rate).verdict, 'refuse');
    return due;
  }
  const waitMs = found.verdict === 'wait' ? found.waitMs : 0;
  assert.ok(Math.abs(waitMs - (rate.delay ? expected.excess * rate.intervalMs : 0)) < 1e-6);
  return found.due;
}

test('it lets in whom a leaky bucket lets in, and has them wait as long', () => {
  const pauses = fc.array(fc.nat(60), { maxLength: 60 });
  const interval = fc.constantFrom(20, 25, 40, 100, 200);
  const rates = fc.record({ intervalMs: interval, burst: fc.nat(5), delay: fc.boolean() });
  fc.assert(
    fc.property(rates, pauses, (rate, times) => {
      const oracle = leakyBucket(rate);
      let now = 0;
      let due: number | undefined;
      for (const pause of times) {
        now += pause * 5;
        due = agreeAt(rate, due, now, oracle(now));
      }
    }),
  );
});
