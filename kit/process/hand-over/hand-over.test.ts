import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { link, mkdtempDisposable, open, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from '../../testing/eventually.ts';
import { isAlive } from '../../testing/is-alive.ts';
import { rawExchange } from '../../testing/raw-client.ts';
import { RunningTier } from '../../testing/running-tier.ts';
import { SpawnedTier, smallTier } from '../../testing/spawned-tier.ts';
import { steadyLoad } from '../../testing/steady-load.ts';
import { bind, fdOf } from '../bind.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const newFolder = () => mkdtempDisposable(join(tmpdir(), 'trivet-hand-over-'));
const portOf = (address: string) => Number(new URL(address).port);
const WITHIN_MS = 30_000;

async function pidOf(admin: string): Promise<unknown> {
  const stats: { pid?: unknown } = (await (await fetch(`${admin}/stats`)).json()) as object;
  return stats.pid;
}

describe('at SIGUSR2 a tier hands over to a new process of itself', { concurrency: 2 }, () => {
  for (const workers of ['1', '2']) {
    test(`and no request of a steady load fails, workers: ${workers}`, async () => {
      await using tier = new SpawnedTier({ FRONT_WORKERS: workers, LOG_LEVEL: 'error' });
      const { address, admin, pid: before } = await tier.line('listening');
      await using load = steadyLoad({ port: portOf(address) });
      await eventually(() => assert.ok(load.answers.size >= Number(workers)));
      const own = [...load.answers.keys()];
      tier.child.kill('SIGUSR2');
      const after = await tier.line('handed over');
      assert.deepEqual([(await tier.line('handing over')).pid, after.pid], [before, before]);
      assert.equal(await tier.exitCode(), 0);
      const others = () => [...load.answers.keys()].filter((pid) => !own.includes(pid));
      await eventually(() => assert.ok(others().length >= Number(workers)), WITHIN_MS);
      assert.equal(await pidOf(admin), after.to);
      const second = await tier.line('listening', 1);
      assert.deepEqual([second.address, second.admin, second.pid], [address, admin, after.to]);
      // And once more, by one that was itself handed its sockets.
      process.kill(second.pid, 'SIGUSR2');
      const third = await tier.line('listening', 2);
      await eventually(() => assert.ok(!isAlive(second.pid)), WITHIN_MS);
      assert.equal(await pidOf(admin), third.pid);
      await load.stop();
      assert.deepEqual(load.failures, []);
      process.kill(third.pid, 'SIGTERM');
      await eventually(() => assert.ok(!isAlive(third.pid)), WITHIN_MS);
      await assert.rejects(rawExchange(portOf(address), get), { code: 'ECONNREFUSED' });
    });
  }

  test('its Unix sockets too, whose files stay as long as one of them serves', async () => {
    await using folder = await newFolder();
    const [socketPath, admin] = [join(folder.path, 's'), join(folder.path, 'admin')];
    await using tier = new SpawnedTier({ FRONT_LISTEN: `unix:${socketPath}`, FRONT_ADMIN_LISTEN: `unix:${admin}` });
    await tier.line('listening');
    await using load = steadyLoad({ socketPath });
    tier.child.kill('SIGUSR2');
    const { to } = await tier.line('handed over');
    assert.equal(await tier.exitCode(), 0);
    await eventually(() => assert.ok(load.answers.has(String(to))), WITHIN_MS);
    await load.stop();
    assert.deepEqual(load.failures, []);
    assert.deepEqual([existsSync(socketPath), existsSync(admin)], [true, true]);
    process.kill(Number(to), 'SIGTERM');
    await eventually(() => assert.ok(!isAlive(Number(to))), WITHIN_MS);
    assert.deepEqual([existsSync(socketPath), existsSync(admin)], [false, false]);
  });
});

describe('a tier goes on', { concurrency: 2 }, () => {
  test('when the new code does not load, and says what that said', async () => {
    await using folder = await newFolder();
    const program = join(folder.path, 'main.ts');
    await writeFile(program, `import ${JSON.stringify(smallTier)};\n`);
    await using tier = new SpawnedTier({}, { program });
    const { address, pid } = await tier.line('listening');
    await writeFile(program, 'const broken = ;\n');
    tier.child.kill('SIGUSR2');
    const { why, said } = await tier.line('the new process did not come to serve');
    assert.equal(why, 'exit code 1');
    assert.match(String(said), /SyntaxError/);
    assert.match(await rawExchange(portOf(address), get), new RegExp(`x-pid: ${pid}`, 'i'));
    // It may be tried again, when it was mended.
    await writeFile(program, `import ${JSON.stringify(smallTier)};\n`);
    tier.child.kill('SIGUSR2');
    await tier.line('handed over');
    assert.equal(await tier.exitCode(), 0);
  });

  test('when the new process finds at its start that it cannot serve', async () => {
    await using folder = await newFolder();
    const program = join(folder.path, 'main.ts');
    await writeFile(program, `import ${JSON.stringify(smallTier)};\n`);
    await using tier = new SpawnedTier({}, { program });
    const { address, pid } = await tier.line('listening');
    const breaking = "if (!process.argv.includes('--check')) process.env.FRONT_START = 'problem';";
    await writeFile(program, `${breaking}\nawait import(${JSON.stringify(smallTier)});\n`);
    tier.child.kill('SIGUSR2');
    const { why, said } = await tier.line('the new process did not come to serve');
    assert.deepEqual([why, said], ['exit code 78', ['FRONT_START: there is a problem']]);
    assert.match(await rawExchange(portOf(address), get), new RegExp(`x-pid: ${pid}`, 'i'));
  });

  test('when who started it would take it for gone', async () => {
    await using tier = new RunningTier({});
    const { port } = await tier.listening();
    tier.child.kill('SIGUSR2');
    assert.match(await tier.line('nothing is handed over'), /start it again/);
    assert.match(await rawExchange(port, get), /200 OK/);
  });

  test('with its stopping when it is told to while another is being started', async () => {
    await using tier = new SpawnedTier({});
    const { address } = await tier.line('listening');
    tier.child.kill('SIGUSR2');
    await tier.line('handing over');
    tier.child.kill('SIGTERM');
    assert.equal(await tier.exitCode(), 0);
    await assert.rejects(rawExchange(portOf(address), get), { code: 'ECONNREFUSED' });
    assert.equal(tier.lines('listening').length, 1);
  });
});

describe('a tier that is given its socket (LISTEN_FDS)', { concurrency: 2 }, () => {
  for (const workers of ['1', '2']) {
    test(`serves on it, those too who came before it was up, workers: ${workers}`, async () => {
      const server = createServer();
      await bind(server, { kind: 'tcp', host: '127.0.0.1', port: 0 });
      const { port } = server.address() as { port: number };
      await using tier = new SpawnedTier(
        { FRONT_WORKERS: workers, FRONT_LISTEN: '127.0.0.1:1' },
        { fds: [fdOf(server) ?? -1] },
      );
      server.close();
      await using early = steadyLoad({ port });
      const { address } = await tier.line('listening');
      assert.equal(address, `http://127.0.0.1:${port}`);
      await eventually(() => assert.equal(early.answers.size, Number(workers)));
      await early.stop();
      assert.deepEqual(early.failures, []);
    });
  }

  test('may be given a Unix socket, whose file is not its own', async () => {
    await using folder = await newFolder();
    const [path, second] = [join(folder.path, 's'), join(folder.path, 't')];
    const server = createServer().listen(path);
    await once(server, 'listening');
    await link(path, second);
    await using tier = new SpawnedTier({}, { fds: [fdOf(server) ?? -1] });
    // Which removes the file, and nobody else is to accept.
    server.close();
    await link(second, path);
    const { address } = await tier.line('listening');
    assert.equal(address, `unix:${path}`);
    await using load = steadyLoad({ socketPath: path });
    await eventually(() => assert.equal(load.answers.size, 1));
    await load.stop();
    tier.child.kill('SIGTERM');
    assert.equal(await tier.exitCode(), 0);
    assert.ok(existsSync(path));
  });

  test('hands it over as any other', async () => {
    const server = createServer();
    await bind(server, { kind: 'tcp', host: '127.0.0.1', port: 0 });
    const { port } = server.address() as { port: number };
    await using tier = new SpawnedTier({}, { fds: [fdOf(server) ?? -1] });
    server.close();
    await tier.line('listening');
    await using load = steadyLoad({ port });
    tier.child.kill('SIGUSR2');
    const { to } = await tier.line('handed over');
    assert.equal(await tier.exitCode(), 0);
    await eventually(() => assert.ok(load.answers.has(String(to))));
    await load.stop();
    assert.deepEqual(load.failures, []);
  });

  test('does not start where there is none', async () => {
    await using file = await open('/dev/null');
    await using tier = new SpawnedTier({}, { fds: [file.fd] });
    assert.equal(await tier.exitCode(), 78);
    const said = 'static-frontend: LISTEN_FDS: file descriptor 3 is no socket\n';
    await eventually(() => assert.equal(tier.complaints, said));
  });
});
