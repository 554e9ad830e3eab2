import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { countedMs, judgePace, type Moved, PaceMeter, type PaceVerdict } from './pace.ts';

const rule = { bytesPerSecond: 100, graceMs: 20_000 };

/** One look a second, at bytes that came since the one before. */
function after(bytes: readonly number[]): PaceVerdict[] {
  const verdicts: PaceVerdict[] = [];
  let behindMs = 0;
  for (const some of bytes) {
    const verdict = judgePace(behindMs, { bytes: some, waitedMs: 1_000 }, rule);
    verdicts.push(verdict);
    behindMs = verdict.behindMs;
  }
  return verdicts;
}

function times(count: number, bytes: number): number[] {
  return Array.from({ length: count }, () => bytes);
}

describe('a client', () => {
  const cases: readonly [what: string, bytes: readonly number[], why: PaceVerdict['why']][] = [
    ['as fast as it must be, for an hour', times(3_600, 100), 'in time'],
    ['silent for the grace', times(20, 0), 'within the grace'],
    ['silent for longer', times(21, 0), 'slower than 100 bytes a second for longer than 20000ms'],
    ['at half the rate for twice the grace', times(40, 50), 'within the grace'],
    ['at half the rate for longer', times(41, 50), 'slower than 100 bytes a second for longer than 20000ms'],
    ['behind, then fast enough to make up for it', [...times(20, 0), 2_000, ...times(19, 0)], 'within the grace'],
    ['of a fast megabyte, silent for a minute then', [1_000_000, ...times(60, 0)], 'in time'],
    [
      'of a fast megabyte, trickling for ever then',
      [1_000_000, ...times(90, 1)],
      'slower than 100 bytes a second for longer than 20000ms',
    ],
  ];
  for (const [what, bytes, why] of cases) {
    test(`${what}: ${why}`, () => {
      const last = after(bytes).at(-1);
      assert.equal(last?.why, why);
      assert.equal(last?.verdict, why.startsWith('slower') ? 'cut' : 'keep');
    });
  }

  test('is never too slow where there is no rate', () => {
    const verdict = judgePace(0, { bytes: 0, waitedMs: 1e9 }, { bytesPerSecond: 0, graceMs: 0 });
    assert.deepEqual(verdict, { verdict: 'keep', why: 'no rate', behindMs: 0 });
  });

  test('that keeps the rate is never cut, however the looks fall', () => {
    const look = fc.record({ waitedMs: fc.nat(60_000), more: fc.nat(10_000) });
    fc.assert(
      fc.property(fc.array(look), (looks) => {
        let behindMs = 0;
        for (const { waitedMs, more } of looks) {
          const moved: Moved = { waitedMs, bytes: (waitedMs * rule.bytesPerSecond) / 1000 + more };
          const verdict = judgePace(behindMs, moved, rule);
          assert.equal(verdict.verdict, 'keep');
          behindMs = verdict.behindMs;
        }
      }),
    );
  });

  test('that moves nothing is cut however the looks fall, and as soon as the grace is over', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5_000)), (waits) => {
        let [behindMs, waited] = [0, 0];
        for (const waitedMs of waits) {
          waited += waitedMs;
          const { verdict, behindMs: next } = judgePace(behindMs, { bytes: 0, waitedMs }, rule);
          assert.equal(verdict, waited > rule.graceMs ? 'cut' : 'keep');
          behindMs = next;
        }
      }),
    );
  });
});

describe('looks at a connection', () => {
  test('that come late, as this process was held up, count for two', () => {
    assert.deepEqual(
      [900, 1_100, 2_000, 60_000].map((ms) => countedMs(ms, 1_000)),
      [900, 1_100, 2_000, 2_000],
    );
  });

  const waiting = (bytes: number) => ({ bytes, isWaiting: true });
  const busy = (bytes: number) => ({ bytes, isWaiting: false });

  test('count the time between two at which this side waits', () => {
    const meter = new PaceMeter(rule, waiting(500), 1_000);
    assert.deepEqual(meter.look(waiting(600), 21_000), { verdict: 'keep', why: 'within the grace', behindMs: 19_000 });
    assert.equal(meter.look(waiting(600), 22_001).verdict, 'cut');
  });

  test('count no time in which this side did something else', () => {
    const meter = new PaceMeter(rule, busy(0), 0);
    for (const at of [1e6, 2e6, 3e6]) assert.equal(meter.look(busy(0), at).verdict, 'keep');
    assert.equal(meter.look(waiting(0), 4e6).behindMs, 0, 'it has only now begun to wait');
    assert.equal(meter.look(waiting(0), 4e6 + 20_001).verdict, 'cut');
  });
});
