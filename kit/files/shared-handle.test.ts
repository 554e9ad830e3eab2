import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { test } from 'node:test';
import { SharedHandle } from './shared-handle.ts';

test('a file whose handle the system knows no more is not shared, and no error', async () => {
  await using file = await open(import.meta.filename);
  const version = await file.stat({ bigint: true });
  const notOpen = {
    fd: 1_000_000,
    read: file.read.bind(file),
    stat: file.stat.bind(file),
    close: async () => undefined,
  };
  const shared = (handle: typeof notOpen) =>
    new SharedHandle({ handle, real: import.meta.filename, version }, 0, assert.fail).share();
  assert.equal(shared(notOpen), undefined);
  assert.notEqual(shared({ ...notOpen, fd: file.fd }), undefined);
});
