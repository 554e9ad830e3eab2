import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Root } from '@trivet/kit/files/root.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { readHotFile } from './hot-file.ts';

const name = 'a.html';

/** Reads a file so long after its last change, by the clock of its ctime; `meanwhile` happens when it is open. */
async function read(sinceChangeMs: number, meanwhile: (path: string) => Promise<void> = async () => undefined) {
  await using tree = await fileTree({ [name]: 'content' });
  const root = await Root.open(tree.path, 'FRONT_ROOT');
  const opened = await root.open(name);
  assert.ok(opened.is === 'file');
  try {
    const now = Number(opened.version.ctimeNs / 1_000_000n) + sinceChangeMs;
    await meanwhile(join(tree.path, name));
    const file = { ...opened, name, coding: undefined };
    return await readHotFile({ file, headers: { 'x-route': '1' }, now, held: () => undefined });
  } finally {
    await opened.handle.close();
  }
}

test('a file is read with the heads of its answers', async () => {
  const file = await read(100);
  assert.equal(String(file?.body), 'content');
  assert.match(file?.whole ?? '', /^HTTP\/1\.1 200 OK\r\n(?:[^\r\n]+\r\n)*x-route: 1\r\n$/);
  assert.match(file?.notModified ?? '', /^HTTP\/1\.1 304 Not Modified\r\n(?:[^\r\n]+\r\n)*x-route: 1\r\n$/);
});

test('what was written within the tick of a clock is not kept: the next write could not be told from it', async () => {
  assert.equal(await read(99), undefined);
});

test('what is written to while it is read is not kept', async () => {
  assert.equal(await read(100, (path) => appendFile(path, 'more')), undefined);
});

test('bytes that are in memory already are not read again', async () => {
  const held = Buffer.from('content');
  await using tree = await fileTree({ [name]: 'content' });
  const root = await Root.open(tree.path, 'FRONT_ROOT');
  const opened = await root.open(name);
  assert.ok(opened.is === 'file');
  await opened.handle.close();
  const file = { ...opened, name, coding: undefined };
  const hot = await readHotFile({ file, headers: {}, now: Date.now() + 1000, held: () => held });
  assert.equal(hot?.body, held);
});
