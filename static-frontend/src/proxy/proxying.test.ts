import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { testProxying } from '../testing/test-proxying.ts';
import { Proxying } from './proxying.ts';

const config = { bodyLimit: 1, bodyMemory: 2, bodiesMemory: 3, bodiesDisk: 4, compress: false };

test('bodies have the places that the settings give them: one in memory, all in memory, all on the disk', () => {
  const { places } = testProxying({ bodyMemory: 2, bodiesMemory: 3, bodiesDisk: 4 });
  assert.equal(places.most, 2);
  assert.deepEqual([places.room.take(4), places.room.take(3)], [false, true]);
  assert.deepEqual([places.disk.take(5), places.disk.take(4)], [false, true]);
});

test('a route is read once, by the settings', () => {
  const proxying = testProxying({ bodyLimit: 7, compress: false });
  const ask = { proxy: 'app', base: undefined };
  const plan = proxying.planOf(ask);
  assert.deepEqual([plan.bodyLimit, plan.compresses], [7, false]);
  assert.equal(proxying.planOf(ask), plan);
  assert.notEqual(proxying.planOf({ ...ask }), plan);
});

test('the folder is made where the setting says, with the start, and goes with the tier', async () => {
  await using tree = await fileTree({});
  const proxying = await Proxying.open({ ...config, tempDir: tree.path });
  const names = await readdir(tree.path);
  assert.equal(names.length, 1);
  assert.match(names[0] ?? '', new RegExp(`-${process.pid}-`));
  await proxying[Symbol.asyncDispose]();
  assert.deepEqual(await readdir(tree.path), []);
});

test('without a setting it is where the system keeps what is for a while', async () => {
  const ours = async () => (await readdir(tmpdir())).filter((name) => name.includes(`-bodies-${process.pid}-`)).length;
  const before = await ours();
  await using proxying = await Proxying.open({ ...config, tempDir: '' });
  assert.equal(proxying.places.most, 2);
  assert.equal(await ours(), before + 1);
});

test('a folder that cannot be made is a problem of the start that names setting and place', async () => {
  await using tree = await fileTree({ f: 'no folder' });
  const refusal = await Proxying.open({ ...config, tempDir: `${tree.path}/f` }).catch((error: unknown) => error);
  assert.ok(refusal instanceof StartProblem);
  assert.match(refusal.message, /^FRONT_TEMP_DIR: there can be no folder in \/.*\/f: ENOTDIR/);
  assert.equal((refusal.cause as NodeJS.ErrnoException).code, 'ENOTDIR');
});
