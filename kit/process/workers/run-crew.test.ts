import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { crew, half, jsonOf, WITHIN_MS } from '../../testing/crew-stand.ts';
import { eventually } from '../../testing/eventually.ts';
import { isAlive } from '../../testing/is-alive.ts';
import { listenSomewhere } from '../../testing/place.ts';
import { rawConnect } from '../../testing/raw-client.ts';
import { bind } from '../bind.ts';

/** A client whose request is in the hands of a worker; `b` makes it whole. */
async function inFlight({ tier }: Awaited<ReturnType<typeof crew>>, port: number) {
  const client = await rawConnect(port);
  await client.write(half);
  await tier.line('asked');
  return client;
}

describe('a tier of several workers ends', { concurrency: 2 }, () => {
  test('with 0 when what each has in flight is done', async () => {
    await using c = await crew();
    const { port, workers, admin } = await c.up();
    await using one = await rawConnect(port);
    await using other = await rawConnect(port);
    for (const client of [one, other]) await client.write(half);
    await eventually(() => assert.equal(c.tier.out.match(/^asked$/gm)?.length, 2), WITHIN_MS);
    c.tier.child.kill('SIGTERM');
    await eventually(async () => {
      const ready = await fetch(`${admin}/ready`);
      assert.deepEqual([ready.status, (await jsonOf(ready)).why], [503, 'draining']);
    }, WITHIN_MS);
    await eventually(() => assert.rejects(rawConnect(port), { code: 'ECONNREFUSED' }), WITHIN_MS);
    for (const client of [one, other]) {
      await client.write('b');
      assert.match(await client.readUntil('ok'), /^connection: close\r$/im);
    }
    assert.equal(await c.tier.exitCode(), 0);
    assert.deepEqual([workers.filter(isAlive), c.left(), c.tier.complaints], [[], [], '']);
  });

  test('when what is in flight is done, although that may take as long as a timer can hold', async () => {
    await using c = await crew({ FRONT_GRACEFUL_TIMEOUT: '2147483647ms' });
    const { port } = await c.up();
    await using client = await inFlight(c, port);
    c.tier.child.kill('SIGTERM');
    await c.line(/"draining"/);
    await eventually(() => assert.rejects(rawConnect(port), { code: 'ECONNREFUSED' }), WITHIN_MS);
    await client.write('b');
    await client.readUntil('ok');
    assert.equal(await c.tier.exitCode(), 0);
  });

  test('with 1 when something had to be cut', async () => {
    await using c = await crew({ FRONT_GRACEFUL_TIMEOUT: '50ms' });
    const { port } = await c.up();
    await using _client = await inFlight(c, port);
    c.tier.child.kill('SIGTERM');
    assert.equal(await c.tier.exitCode(), 1);
    assert.deepEqual(c.left(), []);
  });

  test('at once when it is told a second time', async () => {
    await using c = await crew();
    const { port, workers } = await c.up();
    await using _client = await inFlight(c, port);
    c.tier.child.kill('SIGTERM');
    await c.line(/"draining"/);
    c.tier.child.kill('SIGTERM');
    assert.equal(await c.tier.exitCode(), 1);
    await eventually(() => assert.deepEqual([workers.filter(isAlive), c.left()], [[], []]), WITHIN_MS);
  });

  test('with 0 when every one of its processes gets the signal, as a whole group does', async () => {
    await using c = await crew();
    const { port, workers } = await c.up();
    await using client = await inFlight(c, port);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) for (const pid of workers) process.kill(pid, signal);
    c.tier.child.kill('SIGTERM');
    await c.line(/"draining"/);
    await client.write('b');
    await client.readUntil('ok');
    assert.equal(await c.tier.exitCode(), 0);
    await eventually(() => assert.deepEqual([workers.filter(isAlive), c.left()], [[], []]), WITHIN_MS);
  });

  test('without orphans when its primary is killed: they finish what they have', async () => {
    await using c = await crew();
    const { port, workers } = await c.up();
    await using client = await inFlight(c, port);
    c.tier.child.kill('SIGKILL');
    await eventually(() => assert.equal(workers.filter(isAlive).length, 1), WITHIN_MS);
    await client.write('b');
    await client.readUntil('ok');
    await eventually(() => assert.deepEqual([workers.filter(isAlive), c.left()], [[], []]), WITHIN_MS);
  });

  test('when its launcher is gone', async () => {
    await using c = await crew();
    const { workers } = await c.up();
    c.tier.child.disconnect();
    assert.equal(await c.tier.exitCode(), 0);
    assert.deepEqual(workers.filter(isAlive), []);
  });

  test('with 0 when it is told while it is still starting', async () => {
    await using c = await crew({ FRONT_START: 'never' });
    await eventually(() => assert.equal(c.tier.out.match(/^starting for ever$/gm)?.length, 2), WITHIN_MS);
    c.tier.child.kill('SIGTERM');
    assert.equal(await c.tier.exitCode(), 0);
    assert.deepEqual(c.left(), []);
  });

  for (const [what, env, code, said] of [
    ['settings that are wrong', { FRONT_START: 'sideways' }, 78, /^static-frontend: FRONT_START: "sideways" is not/],
    ['a file that is wrong', { FRONT_START: 'problem' }, 78, /^static-frontend: FRONT_START: there is a problem$/],
    ['what nobody foresaw', { FRONT_START: 'throws' }, 1, /^static-frontend: Error: unforeseen/],
    ['no place for sockets', { TMPDIR: '/nowhere' }, 78, /^static-frontend: TMPDIR: several workers need a folder/],
    ['a number of workers that is none', { FRONT_WORKERS: '0' }, 78, /^static-frontend: FRONT_WORKERS: /],
  ] as const) {
    test(`with ${code} for ${what}, which is said once`, async () => {
      await using c = await crew(env);
      assert.equal(await c.tier.exitCode(), code);
      assert.match(c.tier.complaints.trimEnd(), said);
      assert.equal(c.tier.complaints.match(/^static-frontend: /gm)?.length, 1);
      assert.doesNotMatch(c.tier.out, /"listening"/);
      assert.deepEqual(c.left(), []);
    });
  }

  for (const name of ['FRONT_LISTEN', 'FRONT_ADMIN_LISTEN']) {
    test(`with 1 when the port of ${name} is taken, which is said once`, async () => {
      await using taken = createServer();
      const { port } = await listenSomewhere(taken);
      await using c = await crew({ [name]: `127.0.0.1:${port}` });
      assert.equal(await c.tier.exitCode(), 1);
      const why = `127.0.0.1:${port} is in use; stop what listens there, or choose another address`;
      assert.equal(c.tier.complaints, `static-frontend: ${name}: ${why}\n`);
    });
  }

  test('with 1 when another process listens on its Unix socket, and leaves that to it', async () => {
    await using other = await crew();
    const path = `${other.folder}/taken.sock`;
    await using taken = createServer((socket) => socket.end());
    await bind(taken, { kind: 'unix', path });
    await using c = await crew({ FRONT_LISTEN: `unix:${path}` });
    assert.equal(await c.tier.exitCode(), 1);
    const why = 'is in use; stop what listens there, or choose another address';
    assert.equal(c.tier.complaints, `static-frontend: FRONT_LISTEN: unix:${path} ${why}\n`);
    assert.ok(existsSync(path));
  });
});
