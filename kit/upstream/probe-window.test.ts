import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { afterProbe, judgedAnew, longestWindow, probeVerdict, windowAtStart, windowText } from './probe-window.ts';

const rule = { window: 8, threshold: 3 };

/** The verdicts on probes, `+` good and `-` bad, from the start. */
function verdicts(probes: string, initial = rule.threshold - 1, by = rule) {
  let window = windowAtStart(by, initial);
  const words: string[] = [];
  for (const probe of probes) {
    const after = afterProbe(window, probe === '+', by);
    words.push(probeVerdict(window, after));
    window = after;
  }
  return { words, window };
}

describe('a member that is probed', () => {
  for (const [what, initial, isHealthy] of [
    ['is sick at first, one good probe short', 2, false],
    ['is healthy at first with as many good ones assumed as it needs', 3, true],
    ['has no more good ones assumed than it needs', 99, true],
    ['is sick at first with none assumed', 0, false],
  ] as const) {
    test(what, () => assert.equal(windowAtStart(rule, initial).isHealthy, isHealthy));
  }

  test('is not assumed better than it needs: one bad probe after enough others makes it sick', () => {
    assert.equal(windowText(windowAtStart(rule, 99), rule), '00000111');
  });

  for (const [what, probes, initial, expected] of [
    ['turns healthy with its first good probe', '+', 2, ['back healthy']],
    ['stays sick while its probes are bad', '--', 2, ['still sick', 'still sick']],
    ['needs as many good ones as the threshold', '++-+', 0, ['still sick', 'still sick', 'still sick', 'back healthy']],
    ['goes sick when the window holds too few good ones', '++++++++------', 2, 'at 14: went sick'],
    ['bears as many bad ones as the window leaves', '++++++++-----', 2, 'at 13: still healthy'],
    ['comes back when three of the last are good', '++++++++--------+++', 2, 'at 19: back healthy'],
    ['flaps without being sick when every second is bad', '+-+-+-+-+-+-', 3, 'at 12: still healthy'],
  ] as const) {
    test(`[case 70] ${what}: ${probes}`, () => {
      const { words } = verdicts(probes, initial);
      if (typeof expected === 'string') assert.equal(`at ${words.length}: ${words.at(-1)}`, expected);
      else assert.deepEqual(words, expected);
    });
  }

  test('shows its last probes, the newest last', () => {
    assert.equal(windowText(verdicts('++++-+++').window, rule), '11110111');
    assert.equal(windowText(verdicts('+', 0).window, rule), '00000001');
  });

  test('is judged by another rule without having to be probed again', () => {
    const { window } = verdicts('++++++------');
    assert.equal(window.isHealthy, false);
    assert.equal(judgedAnew(window, { window: 12, threshold: 3 }).isHealthy, true);
  });
});

test('it is healthy if and only if the window holds enough good probes, and no more than 64 are remembered', () => {
  const rules = fc
    .integer({ min: 1, max: longestWindow })
    .chain((window) => fc.integer({ min: 1, max: window }).map((threshold) => ({ window, threshold })));
  fc.assert(
    fc.property(rules, fc.array(fc.boolean(), { maxLength: 100 }), (by, probes) => {
      const text = probes.map((isGood) => (isGood ? '+' : '-')).join('');
      const { window } = verdicts(text, 0, by);
      const good = probes.slice(-by.window).filter(Boolean).length;
      assert.equal(window.isHealthy, good >= by.threshold);
      assert.ok(window.happy.length <= longestWindow);
    }),
  );
});
