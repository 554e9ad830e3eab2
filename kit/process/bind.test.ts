import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempDisposable, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bind } from './bind.ts';

const closed = async (server: ReturnType<typeof createServer>) => {
  server.close();
  await once(server, 'close');
};

test('a Unix socket that a dead process left behind is taken over', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-'));
  const path = join(folder.path, 'app.sock');
  const dead = createServer();
  await bind(dead, { kind: 'unix', path: `${path}.old` });
  // Closing removes the file by the name it was bound to; under another name it stays, as after a crash.
  await rename(`${path}.old`, path);
  await closed(dead);
  assert.ok((await stat(path)).isSocket());
  const server = createServer();
  await bind(server, { kind: 'unix', path });
  await closed(server);
});

test('a Unix socket that a living process listens on is left to it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-'));
  const path = join(folder.path, 'app.sock');
  const living = createServer();
  await bind(living, { kind: 'unix', path });
  await assert.rejects(bind(createServer(), { kind: 'unix', path }), { code: 'EADDRINUSE', address: path });
  assert.ok((await stat(path)).isSocket());
  await closed(living);
});

test('a file that is no socket is left alone', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-'));
  const path = join(folder.path, 'precious');
  await writeFile(path, 'text');
  await assert.rejects(bind(createServer(), { kind: 'unix', path }), { code: 'EADDRINUSE' });
  assert.ok((await stat(path)).isFile());
});

test('a port that another has is refused', async () => {
  const first = createServer();
  await bind(first, { kind: 'tcp', host: '127.0.0.1', port: 0 });
  const { port } = first.address() as { port: number };
  const second = bind(createServer(), { kind: 'tcp', host: '127.0.0.1', port });
  await assert.rejects(second, { code: 'EADDRINUSE', port });
  await closed(first);
});
