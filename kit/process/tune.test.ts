import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tunedEnvironment, untunedEnvironment } from './tune.ts';

test('a tuned process has one malloc arena that gives back what it frees, and a cache for stripped files in the home folder', () => {
  const environment = tunedEnvironment({ PATH: '/bin' }, '/home/me');
  assert.deepEqual(environment, {
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: '131072',
    MALLOC_TRIM_THRESHOLD_: '131072',
    NODE_COMPILE_CACHE: '/home/me/.cache/trivet',
    PATH: '/bin',
    TRIVET_TUNED: '1',
  });
});

test('what the user has set of it stays', () => {
  const environment = tunedEnvironment({ MALLOC_ARENA_MAX: '4', NODE_COMPILE_CACHE: '/cache' }, '/home/me');
  assert.equal(environment.MALLOC_ARENA_MAX, '4');
  assert.equal(environment.NODE_COMPILE_CACHE, '/cache');
});

test('untuned it is as it was, but for what the user has set of it', () => {
  const users = { PATH: '/bin', MALLOC_ARENA_MAX: '4' };
  assert.deepEqual(untunedEnvironment(tunedEnvironment(users, '/home/me'), '/home/me'), users);
});
