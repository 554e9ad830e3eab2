import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isFall, nameOf, problemsOf, reasonOf, recordOf } from './ending.ts';

describe('who ends', () => {
  for (const [what, doom, state, reason] of [
    ['without being told to has fallen', undefined, 'ready', 'crashed'],
    ['before it was ready has fallen', undefined, 'starting', 'crashed'],
    ['because it hung has fallen', 'hung', 'ending', 'hung'],
    ['because it did not come up in time has fallen', 'startup-timeout', 'ending', 'startup-timeout'],
    ['while it is relieved goes for the reload', undefined, 'leaving', 'reload'],
    ['once it is idle goes for the reload', 'idle', 'ending', 'reload'],
    ['with requests left at its deadline goes for the reload', 'graceful-timeout', 'ending', 'reload'],
    ['by force at the end of a reload goes for the reload', 'does-not-end', 'ending', 'reload'],
    ['with code that was replaced meanwhile goes for the reload', 'outdated', 'ending', 'reload'],
  ] as const) {
    test(what, () => {
      assert.deepEqual([reasonOf({ doom, state }), isFall({ doom, state })], [reason, reason !== 'reload']);
    });
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

test('the log names the place, the process, why it ended and what it said', () => {
  assert.equal(nameOf({ place: 2 }), 'process 2 of the app');
  const ended = { place: 2, pid: 77, doom: undefined, lastErrors: ['oh'] };
  assert.deepEqual(recordOf(ended, 50), { worker: 2, workerPid: 77, why: 'crashed', stderr: ['oh'], delayMs: 50 });
  assert.equal(recordOf({ ...ended, doom: 'hung' }, 0).why, 'hung');
});
