import assert from 'node:assert/strict';
import cluster from 'node:cluster';
import { test } from 'node:test';
import type { MemberEnd } from '../arbiter/member.ts';
import { launchInCluster } from './launch.ts';
import { WorkerProcess } from './worker-process.ts';

test('a process that the system does not start has an end all the same', async () => {
  cluster.setupPrimary({ cwd: '/there/is/no/such/folder' });
  const { promise, resolve } = Promise.withResolvers<MemberEnd>();
  const post = { number: 1, of: 2, admin: '/tmp/none.sock' };
  const nothing = () => undefined;
  new WorkerProcess({
    seat: { id: 1, place: 1, generation: 1 },
    post,
    launch: () => launchInCluster(post, {}, () => false),
    onMessage: nothing,
    events: { onReady: nothing, onTired: nothing, onDoomed: nothing, onGone: nothing, onEnd: resolve },
  });
  assert.deepEqual(await promise, { code: 1, signal: null, why: 'exit code 1' });
});
