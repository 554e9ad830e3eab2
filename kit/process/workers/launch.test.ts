import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { fileTree } from '../../testing/file-tree.ts';
import { nodeFlags } from '../tune.ts';
import { launchInCluster, launchOnSockets, socketFd } from './launch.ts';
import { postVariable, readPost } from './post.ts';

type Said = {
  readonly env: Record<string, string | undefined>;
  readonly flags: readonly string[];
  readonly args: readonly string[];
  readonly isGiven: boolean;
};

const program = `import { fstatSync } from 'node:fs';
let isGiven = true;
try { isGiven = fstatSync(${socketFd}).isCharacterDevice(); } catch { isGiven = false; }
process.send({ env: process.env, flags: process.execArgv, args: process.argv.slice(2), isGiven }, () => process.exit());
`;

const post = { number: 2, of: 3, admin: '/run/2.sock', fd: 7 };

async function said(child: ChildProcess): Promise<Said> {
  const [[message]] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
  return message as Said;
}

test('a supervised worker has the flags and arguments of this process, its own environment, and the socket', async () => {
  await using tree = await fileTree({ 'program.mjs': program });
  const { argv } = process;
  const fd = openSync('/dev/null', 'r');
  try {
    process.argv = [argv[0] ?? '', `${tree.path}/program.mjs`, '--one', 'two'];
    const { env, flags, args, isGiven } = await said(launchOnSockets(post, { A: 'b', MALLOC_ARENA_MAX: '4' }, [fd]));
    assert.deepEqual([args, isGiven], [['--one', 'two'], true]);
    // It listens on the number that the socket has there.
    assert.deepEqual(readPost(env[postVariable]), { ...post, fd: socketFd, isSupervised: true });
    assert.deepEqual([env.A, env.PATH, env.MALLOC_ARENA_MAX, env.TRIVET_TUNED], ['b', undefined, '4', '1']);
    for (const flag of nodeFlags) assert.equal(flags.filter((one) => one === flag).length, 1, flag);
    assert.deepEqual(flags.slice(-process.execArgv.length || flags.length), [
      ...(process.execArgv.length > 0 ? process.execArgv : nodeFlags),
    ]);
  } finally {
    process.argv = argv;
    closeSync(fd);
  }
});

test('a worker of the cluster has the environment of this process, with more, and its post as it is', async () => {
  await using tree = await fileTree({ 'program.mjs': program });
  cluster.setupPrimary({ exec: `${tree.path}/program.mjs`, args: ['x'] });
  const { env, args, isGiven } = await said(launchInCluster(post, { A: 'b' }, () => false));
  assert.deepEqual([readPost(env[postVariable]), args, isGiven], [post, ['x'], false]);
  assert.deepEqual([env.A, env.PATH], ['b', process.env.PATH]);
});
