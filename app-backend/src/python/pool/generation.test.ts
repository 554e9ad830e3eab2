import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { type Child, Generation } from './generation.ts';
import type { Failure } from './told.ts';

/** A generation whose fork server cannot be started, as nothing of that name is there. */
function generation(folder: string): Generation {
  return new Generation({
    program: { python: join(folder, 'no-python'), shim: 'none.py', env: {} },
    configure: {
      ...{ application: 'a:b', chdir: folder, threads: 1, workers: 1, preload: false, hooks: '' },
      ...{ multiprocess: false, name: 'test' },
    },
    socket: join(folder, '1.sock'),
    log: silentLog,
    onPrinted: () => undefined,
  });
}

function child(id: number) {
  const unborn = Promise.withResolvers<Failure>();
  const wrong = () => assert.fail('it was never born');
  const one: Child = {
    ...{ id, onForked: wrong, onGuest: wrong, onExited: wrong, onOrphaned: wrong },
    onUnborn: (failure) => unborn.resolve(failure),
  };
  return { one, unborn: unborn.promise };
}

test('who asked for a worker of a fork server that cannot start hears why, and so does who asks later', async () => {
  await using tree = await fileTree({ f: '' });
  const home = generation(tree.path);
  const early = child(1);
  home.fork(early.one);
  assert.deepEqual([home.isUsable, home.isEmpty], [true, false]);
  const failure = await early.unborn;
  assert.equal(failure.code, 1);
  assert.match(failure.problems[0] ?? '', /^the fork server ended by .*ENOENT/);
  assert.deepEqual(await home.tried, failure);
  await home.over;
  assert.deepEqual([home.isUsable, home.isEmpty], [false, true]);
  const late = child(2);
  home.fork(late.one);
  assert.equal(home.isEmpty, false, 'it is told later');
  assert.deepEqual(await late.unborn, failure);
  assert.equal(home.isEmpty, true);
});

test('one that is let go before it began starts no process', async () => {
  await using tree = await fileTree({ f: '' });
  const home = generation(tree.path);
  home.letGo();
  assert.equal(home.isUsable, false);
  const why = await home.tried;
  assert.deepEqual(why?.problems, ['the fork server ended by it was not wanted any more']);
  assert.equal(home.pid, 0);
  await home.over;
});

test('to end a worker that is not there yet ends the generation that has not begun', async () => {
  await using tree = await fileTree({ f: '' });
  const home = generation(tree.path);
  const one = child(1);
  home.fork(one.one);
  home.signal(1, 'SIGTERM');
  assert.equal(home.isUsable, false);
  const { problems } = await one.unborn;
  assert.deepEqual(problems, ['the fork server ended by it was not wanted any more']);
});
