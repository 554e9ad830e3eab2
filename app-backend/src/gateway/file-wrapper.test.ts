import assert from 'node:assert/strict';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, told } from '../testing/recording.ts';
import type { Application, FileLike } from '../wsgi.ts';
import { fileWrapper } from './file-wrapper.ts';

function memoryFile(text: string): FileLike & { closed: number } {
  const bytes = Buffer.from(text);
  let at = 0;
  return {
    closed: 0,
    read(size) {
      const block = bytes.subarray(at, at + size);
      at += block.length;
      return block;
    },
    close() {
      this.closed++;
    },
  };
}

function serving(file: Parameters<typeof fileWrapper>[0], length?: number): Application {
  return (_environ, start) => {
    start('200 OK', length === undefined ? [] : [['Content-Length', String(length)]]);
    return fileWrapper(file, 4);
  };
}

test('a file goes out block by block and is closed once', async () => {
  const file = memoryFile('0123456789');
  const { events } = await run(serving(file));
  assert.deepEqual(told(events), ['200 OK', 'block "0123"', 'block "4567"', 'block "89"', 'end']);
  assert.equal(file.closed, 1);
});

test('a file is sent from where it stands', async () => {
  const file = memoryFile('0123456789');
  void file.read(7);
  assert.deepEqual(told((await run(serving(file))).events), ['200 OK', 'block "789"', 'end']);
});

test('Content-Length stops a file in the middle', async () => {
  const file = memoryFile('0123456789');
  assert.deepEqual(told((await run(serving(file, 6))).events), ['200 OK', 'block "0123"', 'block "45"', 'end']);
  assert.equal(file.closed, 1);
});

test('what has no close needs none', async () => {
  const { read } = memoryFile('01');
  assert.deepEqual(told((await run(serving({ read }))).events), ['200 OK', 'block "01"', 'end']);
});

test('a file handle of Node is a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trivet-'));
  try {
    await writeFile(join(folder, 'file'), '0123456789');
    const file = await open(join(folder, 'file'));
    const { events } = await run(serving(file));
    assert.deepEqual(told(events), ['200 OK', 'block "0123"', 'block "4567"', 'block "89"', 'end']);
    assert.equal(file.fd, -1);
  } finally {
    await rm(folder, { recursive: true });
  }
});
