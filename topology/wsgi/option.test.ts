import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { counts, last, longName, seconds, sets, switches, whole } from './option.ts';

test('an option is known by its last name', () => {
  assert.deepEqual(
    ['-w, --workers', '--bind', '--log-file, --error-logfile'].map((names) => longName({ names })),
    ['--workers', '--bind', '--error-logfile'],
  );
});

test('of several values the last counts, and none is empty', () => {
  assert.deepEqual([last(['1', '2']), last([])], ['2', '']);
});

describe('a whole number', () => {
  for (const [text, value] of [
    ['0', 0],
    ['007', 7],
    ['999999999999', 999_999_999_999],
  ] as const) {
    test(`is ${text}`, () => assert.equal(whole(['x', text]), value));
  }

  for (const text of ['', '-1', '1.5', '1e3', ' 1', '1000000000000', '0x1', 'two']) {
    test(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(() => whole([text]), {
        message: `${JSON.stringify(text)} is not a whole number from 0 to 999999999999`,
      });
    });
  }
});

test('a setting gets the last value, as it stands or as it is to be', () => {
  assert.deepEqual(sets('A').translate(['1', 'b']), { A: 'b' });
  assert.deepEqual(sets('A', (value) => `${value}!`).translate(['b']), { A: 'b!' });
  assert.deepEqual(counts('A').translate(['007']), { A: '7' });
  assert.deepEqual(counts('A', seconds).translate(['1', '5']), { A: '5s' });
  assert.throws(() => counts('A').translate(['b']), /is not a whole number/);
  assert.deepEqual(switches('A').translate(), { A: 'on' });
});
