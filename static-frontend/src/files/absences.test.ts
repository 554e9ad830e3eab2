import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@trivet/kit/testing/clock.ts';
import { Absences } from './absences.ts';

test('what was absent is remembered for less than a second', () => {
  const clock = new ManualClock();
  const absences = new Absences(clock.read);
  absences.add('a');
  clock.advance(999);
  assert.equal(absences.has('a'), true);
  assert.equal(absences.has('b'), false);
  clock.advance(1);
  assert.equal(absences.has('a'), false);
});

test('no more names are kept than the limit', () => {
  const absences = new Absences(() => 0);
  for (let i = 0; i <= 10_000; i++) absences.add(`${i}`);
  assert.equal(absences.has('9999'), true);
  assert.equal(absences.has('10000'), false);
});
