// What the Python runtime is told while its workers still import, and fork servers that do nothing: nothing of it may halt the
// server, and nothing may stay behind it.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { isAlive } from '@trivet/kit/testing/is-alive.ts';
import { SpawnedTier } from '@trivet/kit/testing/spawned-tier.ts';
import { pythonFolder, withPython } from './src/testing/python.ts';
import { appMain, helloApp, pythonEnv, pythonTier, type Stats } from './src/testing/python-tier.ts';

const withinMs = 30_000;

/** Says who imports it, and does not come to an end of it before there is a file `gate`. */
const gatedApp = `
import os, time
with open('importing', 'a') as list: list.write('%d\\n' % os.getpid())
while not os.path.exists('gate'): time.sleep(0.01)
${helloApp}`;

/** A tier whose application is being imported. */
async function importing(env: Readonly<Record<string, string>> = {}) {
  const code = pythonFolder({ 'site_app.py': gatedApp });
  const temporary = join(code.folder, 'tmp');
  mkdirSync(temporary);
  const tier = new SpawnedTier({ ...pythonEnv(code.folder), TMPDIR: temporary, ...env }, { program: appMain });
  const list = join(code.folder, 'importing');
  const pids = () => (existsSync(list) ? readFileSync(list, 'utf8').split('\n').slice(0, -1).map(Number) : []);
  await eventually(() => assert.ok(pids().length > 0, tier.complaints), withinMs);
  return {
    ...{ tier, code, pids, left: () => readdirSync(temporary) },
    async [Symbol.asyncDispose]() {
      await tier[Symbol.asyncDispose]();
      await code[Symbol.asyncDispose]();
    },
  };
}

for (const [signal, workers, generation] of [
  ['SIGHUP', 2, 2],
  ['SIGTTIN', 3, 1],
  ['SIGTTOU', 1, 1],
] as const) {
  test(`${signal} is minded while workers import`, withPython, async () => {
    await using stand = await importing({ APP_WORKERS: '2' });
    await eventually(() => assert.equal(stand.pids().length, 2), withinMs);
    stand.tier.child.kill(signal);
    await stand.tier.line(signal === 'SIGHUP' ? 'the app is reloaded: SIGHUP' : `${workers} workers are wanted`);
    stand.code.write('gate', '');
    const { admin } = await stand.tier.line('listening');
    await eventually(async () => {
      const { workers: rows } = (await (await fetch(`${admin}/stats`)).json()) as Stats;
      assert.deepEqual(
        rows.map((row) => [row.state, row.generation]),
        Array.from({ length: workers }, () => ['idle', generation]),
      );
    }, withinMs);
  });
}

for (const signal of ['SIGTERM', 'SIGQUIT'] as const) {
  test(`${signal} while workers import ends all, and nothing is left`, withPython, async () => {
    await using stand = await importing();
    const pids = stand.pids();
    stand.tier.child.kill(signal);
    assert.equal(await stand.tier.exitCode(), 0);
    await eventually(() => assert.deepEqual(pids.filter(isAlive), []), withinMs);
    assert.deepEqual(stand.left(), []);
  });
}

test('a fork server whose preloaded import is stuck ends when the server is killed', withPython, async () => {
  await using stand = await importing({ APP_PRELOAD: 'on' });
  const [pid = 0] = stand.pids();
  stand.tier.child.kill('SIGKILL');
  await eventually(() => assert.equal(isAlive(pid), false), withinMs);
  assert.deepEqual(
    stand.left().filter((name) => name.startsWith('trivet-python-')),
    [],
  );
});

test('when the server is killed its fork server removes the sockets’ folder', withPython, async () => {
  await using stand = await importing();
  stand.code.write('gate', '');
  await stand.tier.line('listening');
  const ofSockets = () => stand.left().filter((name) => name.startsWith('trivet-python-'));
  assert.equal(ofSockets().length, 1);
  stand.tier.child.kill('SIGKILL');
  await eventually(() => assert.deepEqual(ofSockets(), []), withinMs);
});

test(
  'a fork server that is halted is replaced, and the place of a worker does not stay empty',
  withPython,
  async () => {
    await using stand = await pythonTier({ 'site_app.py': helloApp }, { APP_WORKERS: '2' });
    const [forkServer] = (await stand.stats()).forkServers;
    const [victim] = await stand.serving();
    process.kill(forkServer?.pid ?? 0, 'SIGSTOP');
    process.kill(victim?.pid ?? 0, 'SIGKILL');
    await eventually(() => assert.equal(isAlive(forkServer?.pid ?? 0), false), withinMs);
    await stand.eventuallyServing((rows) => {
      assert.equal(rows.length, 2);
      assert.ok(rows.every(({ pid }) => pid !== victim?.pid));
    });
    assert.equal((await fetch(stand.url)).status, 200);
  },
);

test('a fork server that is halted does not outlive the server', withPython, async () => {
  await using stand = await pythonTier({ 'site_app.py': helloApp });
  const [forkServer] = (await stand.stats()).forkServers;
  const [worker] = await stand.serving();
  process.kill(forkServer?.pid ?? 0, 'SIGSTOP');
  stand.tier.child.kill('SIGTERM');
  assert.equal(await stand.tier.exitCode(), 0);
  for (const pid of [forkServer?.pid ?? 0, worker?.pid ?? 0]) {
    await eventually(() => assert.equal(isAlive(pid), false), withinMs);
  }
});
