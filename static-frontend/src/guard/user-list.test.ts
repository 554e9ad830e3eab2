import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '@trivet/kit/testing/clock.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { openUserList } from './user-list.ts';

const sha = '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';

async function stand(content: string) {
  const clock = new ManualClock(0);
  const tree = await fileTree({ users: content });
  const path = join(tree.path, 'users');
  const list = await openUserList(path, { clock: clock.read, log: silentLog, where: 'routes[0].basicAuth.users' });
  const names = async () => [...(await list.users()).keys()].join(' ');
  return { clock, path, names, [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose]() };
}

test('a file that changes is read again, looked at once a second', async () => {
  await using file = await stand(`ada:${sha}\n`);
  await writeFile(file.path, `ada:${sha}\nbob:${sha}\n`);
  file.clock.advance(999);
  assert.equal(await file.names(), 'ada');
  file.clock.advance(1);
  assert.equal(await file.names(), 'ada bob');
});

test('a file that goes or becomes nonsense leaves the users of before in force, until it is mended', async () => {
  await using file = await stand(`ada:${sha}\n`);
  for (const change of [() => writeFile(file.path, 'nonsense'), () => rm(file.path)]) {
    await change();
    file.clock.advance(1000);
    assert.equal(await file.names(), 'ada');
  }
  await writeFile(file.path, `bob:${sha}`);
  file.clock.advance(1000);
  assert.equal(await file.names(), 'bob');
});

for (const [what, content, problem] of [
  ['is missing', undefined, /^routes\[0\]\.basicAuth\.users: \/.*users: ENOENT/],
  [
    'has a bad line',
    'ada:secret',
    /users: line 1: "ada" is no hash of a password: `node static-frontend\/password\.ts/,
  ],
] as const) {
  test(`a file that ${what} at the start is a problem of the start`, async () => {
    await using tree = await fileTree(content === undefined ? {} : { users: content });
    const path = join(tree.path, 'users');
    const opening = openUserList(path, { clock: () => 0, log: silentLog, where: 'routes[0].basicAuth.users' });
    await assert.rejects(opening, { name: 'StartProblem', message: problem });
  });
}
