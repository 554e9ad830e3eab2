import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtempDisposable, stat } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { holdSocket } from './held-socket.ts';

/** Another process that accepts on the socket that it is given, and says so to whoever connects. */
const accepting = `
  const take = (socket) => socket.on('error', () => undefined).end('taken');
  require('node:net').createServer(take).listen({ fd: 3 }, () => console.log('up'));
`;

async function said(where: { port: number } | { path: string }): Promise<string> {
  const socket = connect(where);
  const chunks = (await socket.toArray()) as Buffer[];
  return Buffer.concat(chunks).toString();
}

describe('a socket that is held', () => {
  for (const kind of ['tcp', 'unix'] as const) {
    test(`${kind}: is accepted on by another process, and outlives it`, async (t) => {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-held-'));
      const path = join(folder.path, 'held.sock');
      using held = await holdSocket(kind === 'tcp' ? { kind, host: '127.0.0.1', port: 0 } : { kind, path });
      const where = held.address.kind === 'tcp' ? { port: held.address.port } : { path };
      for (const _ of ['first', 'second']) {
        const child = spawn(process.execPath, ['-e', accepting], { stdio: ['ignore', 'pipe', 'inherit', held.fd] });
        t.after(() => child.kill('SIGKILL'));
        assert.ok(child.stdout);
        await once(child.stdout, 'data');
        assert.equal(await said(where), 'taken');
        child.kill('SIGKILL');
        await once(child, 'exit');
        // Nobody accepts, and nobody is refused.
        const waiting = connect(where);
        await once(waiting, 'connect');
        waiting.destroy();
      }
    });
  }

  test('has its name taken away with it, where it has one', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-held-'));
    const path = join(folder.path, 'held.sock');
    const held = await holdSocket({ kind: 'unix', path });
    assert.ok((await stat(path)).isSocket());
    held[Symbol.dispose]();
    held[Symbol.dispose]();
    assert.equal(existsSync(path), false);
  });

  test('cannot be where another listens', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-held-'));
    const path = join(folder.path, 'held.sock');
    const [port, named] = [createServer().listen(0, '127.0.0.1'), createServer().listen(path)];
    await Promise.all([once(port, 'listening'), once(named, 'listening')]);
    const { port: taken } = port.address() as AddressInfo;
    await assert.rejects(holdSocket({ kind: 'tcp', host: '127.0.0.1', port: taken }), {
      ...{ code: 'EADDRINUSE', syscall: 'listen', address: '127.0.0.1', port: taken },
    });
    await assert.rejects(holdSocket({ kind: 'unix', path }), { code: 'EADDRINUSE', address: path });
    assert.ok(existsSync(path));
    port.close();
    named.close();
  });

  test('may be one that this process was given', async () => {
    using held = await holdSocket({ kind: 'tcp', host: '127.0.0.1', port: 0 });
    const address = { ...held.address, fd: held.fd };
    assert.deepEqual((await holdSocket(address)).address, address);
  });
});
