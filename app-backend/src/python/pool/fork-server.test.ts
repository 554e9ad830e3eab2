import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { test } from 'node:test';
import { tunedEnvironment } from '@trivet/kit/process/tune.ts';
import { pythonEnvironment } from './fork-server.ts';

test('Python has the environment of the user, without secrets and what is the server’s own', () => {
  const users = { PATH: '/bin', DJANGO_SETTINGS_MODULE: 'shop', APP_WORKERS: '2', NODE_ENV: 'production', LISTEN: 'x' };
  const ours = {
    APP_ADMIN_TOKEN: 'a',
    EDGE_ADMIN_TOKEN: 'b',
    TRIVET_WORKER: '{}',
    NODE_CHANNEL_FD: '3',
    LISTEN_FDS: '1',
  };
  assert.deepEqual(pythonEnvironment(tunedEnvironment({ ...users, ...ours }, homedir())), users);
});

test('what the user has said of memory stays', () => {
  const users = { MALLOC_ARENA_MAX: '4' };
  assert.deepEqual(pythonEnvironment(tunedEnvironment(users, homedir())), users);
});
