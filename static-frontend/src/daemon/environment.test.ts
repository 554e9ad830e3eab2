import assert from 'node:assert/strict';
import { test } from 'node:test';
import { berthIn, daemonEnvironment } from './environment.ts';

test('a process gets the environment without what is the front’s, and its own place', () => {
  const env = {
    PATH: '/bin',
    FRONT_ADMIN_TOKEN: 'x',
    EDGE_ORIGIN: 'y',
    APP_MOUNT: '/a',
    ...{ NODE_CHANNEL_FD: '3', NODE_UNIQUE_ID: '1', LISTEN_FDS: '1', LISTEN_PID: '9', TRIVET_HANDED: '{}' },
    ...{ LOG_FILE: '/log', LOG_FORMAT: 'combined', LOG_LEVEL: 'warn' },
    APP_LISTEN: 'z',
  };
  const given = daemonEnvironment(env, { place: 2, socket: '/s/1.sock', admin: '/s/1.admin.sock' });
  assert.deepEqual(given, {
    ...{ PATH: '/bin', APP_MOUNT: '/a', LOG_FORMAT: 'json', LOG_LEVEL: 'warn', APP_LISTEN: 'unix:/s/1.sock' },
    TRIVET_WORKER: '{"number":2,"of":1,"admin":"/s/1.admin.sock"}',
  });
});

test('each process that is ever started has sockets of its own, whatever its place', () => {
  assert.deepEqual(berthIn('/s', 7, 2), { place: 2, socket: '/s/7.sock', admin: '/s/7.admin.sock' });
});
