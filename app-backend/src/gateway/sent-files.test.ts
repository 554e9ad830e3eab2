// Files that come back from wsgi.file_wrapper as they are: read by the server, not by the application.
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { type FileTree, fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { serve } from '../testing/serving.ts';
import type { Application, Environ } from '../wsgi.ts';
import type { WrappedFile } from './file-wrapper.ts';
import { type OpenedFile, openFile } from './opened-file.ts';
import { validate } from './validate.ts';

const content = Buffer.from(Array.from({ length: 700_001 }, (_, at) => (at * 7) % 251));
const path = (tree: FileTree) => join(tree.path, 'large.bin');

function sending(file: () => WrappedFile | Promise<WrappedFile>, length?: number): Application {
  return async (environ: Environ, start) => {
    const opened = await file();
    const fields = length === undefined ? [] : [['Content-Length', String(length)] as const];
    start('200 OK', [['Content-Type', 'application/octet-stream'], ...fields]);
    const wrap = environ['wsgi.file_wrapper'];
    assert.ok(wrap);
    return wrap(opened);
  };
}

async function openAt(file: string, position: number): Promise<OpenedFile> {
  const opened = await openFile(file);
  opened.seek(position);
  return opened;
}

async function readFrom(file: string, bytes: number): Promise<FileHandle> {
  const handle = await open(file);
  await handle.read(Buffer.alloc(bytes));
  return handle;
}

type Way = readonly [
  what: string,
  file: (path: string) => WrappedFile | Promise<WrappedFile>,
  from: number,
  to?: number,
];

const ways: readonly Way[] = [
  ['what openFile gave', openFile, 0],
  ['what openFile gave, further on', (at) => openAt(at, 650_000), 650_000],
  ['what openFile gave, at its end', (at) => openAt(at, 900_000), 700_001],
  ['a file handle', (at) => open(at), 0],
  ['a file handle that was read from', (at) => readFrom(at, 9), 9],
  ['a stream', (at) => createReadStream(at), 0],
  ['a stream of a part', (at) => createReadStream(at, { start: 100_000, end: 399_999 }), 100_000, 400_000],
  ['a stream to beyond the end', (at) => createReadStream(at, { start: 5, end: 9_000_000 }), 5],
  ['a stream with an end alone', (at) => createReadStream(at, { end: 4 }), 0, 5],
];

for (const [what, file, from, to] of ways) {
  for (const behind of ['bare', 'validated'] as const) {
    test(`${what} goes out from where it stands, ${behind}`, async () => {
      await using tree = await fileTree({ 'large.bin': content });
      const application = sending(() => file(path(tree)));
      await using server = await serve(behind === 'bare' ? application : validate(application));
      const response = await fetch(server.url);
      assert.equal(response.status, 200);
      assert.ok(Buffer.from(await response.arrayBuffer()).equals(content.subarray(from, to)));
    });

    test(`${what} stops at Content-Length, ${behind}`, async () => {
      await using tree = await fileTree({ 'large.bin': content });
      const length = Math.min(300_000, (to ?? content.length) - from);
      const application = sending(() => file(path(tree)), length);
      await using server = await serve(behind === 'bare' ? application : validate(application));
      const response = await fetch(server.url);
      assert.equal(response.headers.get('content-length'), String(length));
      assert.ok(Buffer.from(await response.arrayBuffer()).equals(content.subarray(from, from + length)));
    });
  }
}

/** An application that keeps hold of the file that it sends. */
function keeping(tree: FileTree, length?: number) {
  const kept: OpenedFile[] = [];
  const application = sending(async () => {
    const file = await openFile(path(tree));
    kept.push(file);
    return file;
  }, length);
  return { application, kept };
}

async function assertClosed(file: OpenedFile | undefined): Promise<void> {
  assert.ok(file);
  await eventually(() => assert.rejects(file.read(1), { code: 'EBADF' }));
}

test('the server reads the file, the application’s read is not called, and close is', async () => {
  await using tree = await fileTree({ 'large.bin': content });
  const { application, kept } = keeping(tree);
  await using server = await serve(application);
  const response = await fetch(server.url);
  assert.equal(response.headers.get('content-length'), String(content.length));
  await response.arrayBuffer();
  assert.equal(kept[0]?.position, 0);
  await assertClosed(kept[0]);
});

test('a HEAD has the length and no byte, and the file is closed', async () => {
  await using tree = await fileTree({ 'large.bin': content });
  const { application, kept } = keeping(tree);
  await using server = await serve(application);
  const response = await fetch(server.url, { method: 'HEAD' });
  assert.equal(response.headers.get('content-length'), String(content.length));
  await assertClosed(kept[0]);
});

test('a Content-Length beyond the file is a 500, before anything is sent', async () => {
  await using tree = await fileTree({ 'large.bin': content });
  const { application, kept } = keeping(tree, content.length + 1);
  await using server = await serve(application);
  assert.equal((await fetch(server.url)).status, 500);
  await assertClosed(kept[0]);
});

test('a file that cannot be opened is a 500, also where a stream finds out late', async () => {
  for (const file of [() => openFile('/nowhere/f'), () => createReadStream('/nowhere/f')]) {
    await using server = await serve(sending(file));
    assert.equal((await fetch(server.url)).status, 500);
  }
});

test('a file that is cut while it is sent breaks the transfer', async () => {
  const large = Buffer.alloc(32 * 1024 * 1024, 'x');
  await using tree = await fileTree({ 'large.bin': large });
  const { application, kept } = keeping(tree);
  await using server = await serve(application);
  await using client = await rawConnect(server.port);
  await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.readUntil('\r\n\r\n');
  client.socket.pause();
  await truncate(path(tree), 1024);
  client.socket.resume();
  await client.closed;
  assert.ok(client.received.length < large.length);
  await eventually(() => assert.equal(server.records[0]?.outcome, 'broken'));
  await assertClosed(kept[0]);
});

test('a client that leaves is nobody’s fault, and the file is closed', async () => {
  await using tree = await fileTree({ 'large.bin': Buffer.alloc(32 * 1024 * 1024, 'x') });
  const { application, kept } = keeping(tree);
  await using server = await serve(application);
  await using client = await rawConnect(server.port);
  await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.readUntil('\r\n\r\n');
  client.reset();
  await eventually(() => assert.equal(server.records[0]?.outcome, 'client-left'));
  await assertClosed(kept[0]);
});

test('a folder is no file to send', async () => {
  await using tree = await fileTree({ 'large.bin': content });
  await assert.rejects(openFile(tree.path), /is not a regular file/);
});
