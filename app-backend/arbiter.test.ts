// The app server as it is run: what its arbiter does when it is told to reload, or to end.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempDisposable, utimes, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { isAlive } from '@trivet/kit/testing/is-alive.ts';
import { steadyLoad } from '@trivet/kit/testing/steady-load.ts';
import { allReady, Server, saying, slowly, withinMs } from './src/testing/running-server.ts';

/** Asks one after another, and knows how long the slowest waited. */
function watch(port: number) {
  const agent = new Agent({ keepAlive: true });
  let slowest = 0;
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const since = performance.now();
      const [response] = await once(request({ host: '127.0.0.1', port, agent }).end(), 'response');
      await response.toArray();
      slowest = Math.max(slowest, performance.now() - since);
    }
    agent.destroy();
  })();
  return async () => {
    isOver = true;
    await asking;
    return slowest;
  };
}

describe('a reload', { concurrency: 1 }, () => {
  for (const workers of ['1', '2']) {
    test(`at SIGHUP loses no request and lets none wait for a slow import, with ${workers} of them`, async () => {
      await using server = await Server.start(saying('one', slowly), { APP_WORKERS: workers });
      await using load = steadyLoad({ port: server.port });
      const slowest = watch(server.port);
      await server.deploy(saying('two', slowly));
      server.child.kill('SIGHUP');
      await server.settles(allReady(Number(workers), 2));
      assert.match(await server.ask(), /^two/);
      assert.ok((await slowest()) < 800, 'nobody waited for the import');
      await load.stop();
      assert.deepEqual(load.failures, []);
    });
  }

  test('by its admin API tells when the new ones serve, and how it went', async () => {
    await using server = await Server.start(saying('one'));
    await server.deploy(saying('two'));
    const answer = await fetch(`${server.admin}/reload`, { method: 'POST' });
    assert.deepEqual([answer.status, await answer.json()], [200, { reloaded: true, generation: 2 }]);
    assert.match(await server.ask(), /^two/);
  });

  test('to code that does not load leaves those that serve, and is reported; what is mended is taken', async () => {
    await using server = await Server.start(saying('one'), { APP_WORKERS: '2' });
    await using load = steadyLoad({ port: server.port });
    const before = await server.pids();
    await server.deploy('export const application = ;');
    const answer = await fetch(`${server.admin}/reload`, { method: 'POST' });
    const told = (await answer.json()) as { reloaded: boolean; error: string };
    assert.deepEqual([answer.status, told.reloaded], [500, false]);
    assert.match(told.error, /APP_APPLICATION.*app\.ts/);
    await server.line(/"level":"error".*the app is not reloaded/);
    assert.deepEqual(await server.pids(), before);
    assert.match(await server.ask(), /^one/);
    await server.deploy(saying('two'));
    server.child.kill('SIGHUP');
    await server.settles(allReady(2, 3));
    await load.stop();
    assert.deepEqual(load.failures, []);
  });

  test('comes when the file is touched that was set for it', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-arbiter-'));
    const touched = join(folder.path, 'touched');
    await writeFile(touched, '');
    await using server = await Server.start(saying('one'), { APP_TOUCH_FILE: touched });
    await utimes(touched, 1, 1);
    await server.settles(allReady(1, 2));
  });
});

describe('the server ends', { concurrency: 1 }, () => {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    test(`at once at ${signal}, with 0, whatever is in flight`, async () => {
      await using server = await Server.start(saying('one'));
      const pids = await server.pids();
      const lost = server.ask('/?ms=60000').catch(() => 'reset');
      await eventually(async () => assert.equal((await server.stats()).workers[0]?.requests, 1), withinMs);
      const since = performance.now();
      server.child.kill(signal);
      assert.equal(await server.code(), 0);
      assert.ok(performance.now() - since < 3_000);
      assert.equal(await lost, 'reset');
      assert.equal(pids.some(isAlive), false);
    });
  }

  test('at SIGTERM when all is answered, with 0; a second one does not hurry it', async () => {
    await using server = await Server.start(saying('one'));
    const asked = server.ask('/?ms=1000');
    await eventually(async () => assert.equal((await server.stats()).workers[0]?.requests, 1), withinMs);
    for (const _ of [1, 2]) server.child.kill('SIGTERM');
    assert.match(await asked, /^one/);
    assert.equal(await server.code(), 0);
  });

  test('at SIGQUIT behind a SIGTERM at once', async () => {
    await using server = await Server.start(saying('one'));
    const lost = server.ask('/?ms=60000').catch(() => 'reset');
    await eventually(async () => assert.equal((await server.stats()).workers[0]?.requests, 1), withinMs);
    server.child.kill('SIGTERM');
    await server.line('draining');
    server.child.kill('SIGQUIT');
    assert.equal(await server.code(), 0);
    assert.equal(await lost, 'reset');
  });
});

test('a new server goes on with the Unix socket of an old one, and no request is lost', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-arbiter-'));
  const path = join(folder.path, 'app.sock');
  await using server = await Server.start(saying('one'), { APP_LISTEN: `unix:${path}` });
  await using load = steadyLoad({ socketPath: path });
  await server.deploy(saying('two'));
  server.child.kill('SIGUSR2');
  const { to } = await server.line('handed over');
  assert.equal(await server.code(), 0);
  await load.stop();
  assert.deepEqual(load.failures, []);
  process.kill(Number(to), 'SIGTERM');
  await eventually(() => assert.equal(isAlive(Number(to)), false), withinMs);
});
