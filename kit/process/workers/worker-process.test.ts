import assert from 'node:assert/strict';
import cluster from 'node:cluster';
import { test } from 'node:test';
import { type WorkerEnd, WorkerProcess } from './worker-process.ts';

test('a process that the system does not start has an end all the same', async () => {
  cluster.setupPrimary({ cwd: '/there/is/no/such/folder' });
  const { promise, resolve } = Promise.withResolvers<WorkerEnd>();
  const post = { number: 1, of: 2, admin: '/tmp/none.sock' };
  new WorkerProcess({ post, env: {}, hasOthers: () => false, onMessage: () => undefined, onEnd: resolve });
  assert.deepEqual(await promise, { code: 1, signal: null });
});
