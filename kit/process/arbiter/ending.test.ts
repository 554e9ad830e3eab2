import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isFall, problemsOf, reasonOf } from './ending.ts';

describe('who ends', () => {
  for (const [what, doom, code, reason, hasFallen] of [
    ['without being told to has fallen', undefined, null, 'crashed', true],
    ['by itself and well has left its place empty all the same', undefined, 0, 'exited', true],
    ['because it hung has fallen', 'hung', null, 'hung', true],
    ['because it did not come up in time has fallen', 'startup-timeout', null, 'startup-timeout', true],
    ['because another has its place goes for the reload', 'reload', 0, 'reload', false],
    ['with code that was replaced meanwhile goes for the reload', 'outdated', null, 'reload', false],
    ['because fewer are wanted goes for that', 'resize', 0, 'resize', false],
    ['because it was tired goes for that, even by force', 'max-rss', null, 'max-rss', false],
    ['because it hung, another having its place, goes for that', 'timeout', null, 'timeout', false],
  ] as const) {
    test(what, () => assert.deepEqual([reasonOf(doom, code), isFall(doom)], [reason, hasFallen]));
  }
});

describe('what is to be mended', () => {
  const lastErrors = ['app-backend: APP_LISTEN: is odd', '  at line 3'];
  test('is what it said itself', () => {
    assert.deepEqual(problemsOf({ failure: { problems: ['a', 'b'] }, lastErrors }, 'exit code 78'), ['a', 'b']);
  });
  test('or its last words, without the name of its tier', () => {
    assert.deepEqual(problemsOf({ failure: undefined, lastErrors }, 'exit code 78'), [
      'APP_LISTEN: is odd',
      '  at line 3',
    ]);
  });
  test('or how it ended, where it said nothing', () => {
    assert.deepEqual(problemsOf({ failure: undefined, lastErrors: [] }, 'SIGSEGV'), [
      'the app does not start: SIGSEGV',
    ]);
  });
});
