import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handedVariable, isGiven } from './given.ts';

for (const [what, env, expected] of [
  ['that nobody gave any', {}, false],
  ['that follows another', { [handedVariable]: '{}' }, true],
  ['that follows another, which gave it an empty text', { [handedVariable]: '' }, true],
  ['of a socket unit', { LISTEN_PID: '7', LISTEN_FDS: '1' }, true],
  ['whose parent was given some', { LISTEN_PID: '6', LISTEN_FDS: '1' }, false],
  ['whose number is like that of who was given some', { LISTEN_PID: '77', LISTEN_FDS: '1' }, false],
  ['that is named, and nothing is said of sockets', { LISTEN_PID: '7' }, false],
  ['that is not named', { LISTEN_FDS: '1' }, false],
] as const) {
  test(`a process ${what} ${expected ? 'has' : 'has not'} sockets`, () => assert.equal(isGiven(env, 7), expected));
}
