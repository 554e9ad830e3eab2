import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { answering, crew, jsonOf, WITHIN_MS, whoAnswers } from '../../testing/crew-stand.ts';
import { eventually } from '../../testing/eventually.ts';

describe('a tier of several workers', { concurrency: 2 }, () => {
  test('answers with all of them on one port, and says once where', async () => {
    await using c = await crew();
    const { port, workers, admin } = await c.up();
    assert.deepEqual(await answering(port), new Set(workers));
    assert.equal(c.tier.out.match(/"listening"/g)?.length, 1);
    const stats = await jsonOf(await fetch(`${admin}/stats`));
    assert.partialDeepStrictEqual(stats, { tier: 'static-frontend', pid: c.tier.child.pid, small: true, replaced: 0 });
    assert.deepEqual(
      (stats.workers as { pid: number }[]).map(({ pid }) => pid),
      workers,
    );
    for (const worker of [1, 2]) await c.line(new RegExp(`"worker":${worker},.*"exchange"`));
  });

  test('listens on a Unix socket, over one that was left behind', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-crew-'));
    const path = join(folder.path, 'front.sock');
    {
      await using before = await crew({ FRONT_LISTEN: `unix:${path}` });
      const { workers } = await before.up();
      assert.deepEqual(await answering(path), new Set(workers));
      before.tier.child.kill('SIGKILL');
      await before.tier.exitCode();
    }
    assert.ok(existsSync(path));
    await using c = await crew({ FRONT_LISTEN: `unix:${path}` });
    const { workers, address } = await c.up();
    assert.equal(address, `unix:${path}`);
    assert.deepEqual(await answering(path), new Set(workers));
  });

  test('asks for the token once, before any worker is asked', async () => {
    await using c = await crew({ FRONT_ADMIN_TOKEN: 'hush' });
    const { admin } = await c.up();
    assert.equal((await fetch(`${admin}/stats`)).status, 401);
    const headers = { authorization: 'Bearer hush' };
    assert.equal((await fetch(`${admin}/stats`, { headers })).status, 200);
    assert.equal((await jsonOf(await fetch(`${admin}/config`, { headers }))).FRONT_WORKERS, '2');
    assert.equal((await fetch(`${admin}/nothing`, { headers })).status, 404);
  });

  test('replaces a worker that dies, and answers all the time', async () => {
    await using c = await crew();
    const { port, workers, admin } = await c.up();
    const [first = 0, second = 0] = workers;
    process.kill(first, 'SIGKILL');
    // Not one connection is refused, reset or left waiting until there are two again.
    for (let isWhole = false; !isWhole; ) {
      const pids = await answering(port, 4);
      assert.ok(pids.has(second) && !pids.has(first), [...pids].join());
      isWhole = pids.size === 2;
    }
    const told = await c.line(/"level":"error".*worker 1 ended/);
    assert.partialDeepStrictEqual(told, { worker: 1, workerPid: first, signal: 'SIGKILL', code: null, delayMs: 0 });
    await eventually(async () => assert.equal((await fetch(`${admin}/ready`)).status, 200), WITHIN_MS);
    assert.match(await (await fetch(`${admin}/metrics`)).text(), /^trivet_workers_replaced_total\{.*\} 1$/m);
    // What is over is no reason to say that the end was not well.
    c.tier.child.kill('SIGTERM');
    assert.equal(await c.tier.exitCode(), 0);
  });

  test('gives what a worker held in its hands when it died to another', async () => {
    await using c = await crew();
    const { port, workers } = await c.up();
    const [stopped = 0, other] = workers;
    process.kill(stopped, 'SIGSTOP');
    const asked = Array.from({ length: 4 }, () => whoAnswers(port));
    // Each worker is handed one at a time: one of four waits for the one that does nothing.
    assert.equal(await Promise.any(asked), other);
    await whoAnswers(port);
    process.kill(stopped, 'SIGKILL');
    const pids = await Promise.all(asked);
    assert.ok(
      pids.every((pid) => pid > 0 && pid !== stopped),
      pids.join(),
    );
  });

  test('replaces a worker that hangs, and gives what it held to another', async () => {
    await using c = await crew({ FRONT_WORKER_TIMEOUT: '2s' });
    const { port, workers } = await c.up();
    const [hanging = 0] = workers;
    process.kill(hanging, 'SIGSTOP');
    const asked = Array.from({ length: 4 }, () => whoAnswers(port));
    const told = await c.line(/worker 1 has not answered for 2000ms and is killed/);
    assert.partialDeepStrictEqual(told, { level: 'error', worker: 1, workerPid: hanging });
    assert.ok((await Promise.all(asked)).every((pid) => pid !== hanging));
    assert.partialDeepStrictEqual(await c.line(/worker 1 ended/), { signal: 'SIGKILL', delayMs: 0 });
    await c.line(/a worker was replaced/);
    // The other one answered all the while.
    assert.doesNotMatch(c.tier.out, /worker 2 has not answered/);
  });

  test('comes back on the same port when all workers die at once', async () => {
    await using c = await crew();
    const { port, workers } = await c.up();
    for (const pid of workers) process.kill(pid, 'SIGKILL');
    await eventually(async () => assert.ok(!workers.includes(await whoAnswers(port))), WITHIN_MS);
  });

  test('replaces a worker that an operator drains', async () => {
    await using c = await crew();
    const { workers } = await c.up();
    process.kill(workers[0] ?? 0, 'SIGTERM');
    assert.equal((await c.line(/worker 1 ended by exit code 0/)).level, 'info');
    await c.line(/a worker was replaced/);
  });

  test('takes files anew in all workers at SIGHUP', async () => {
    await using c = await crew();
    await c.up();
    c.tier.child.kill('SIGHUP');
    await eventually(() => assert.equal(c.tier.out.match(/^reloads$/gm)?.length, 2), WITHIN_MS);
  });

  test('takes files anew at a SIGHUP that comes while its workers are starting', async () => {
    await using c = await crew({ FRONT_START: 'held' });
    await eventually(() => assert.equal(c.tier.out.match(/^starting, held$/gm)?.length, 2), WITHIN_MS);
    c.tier.child.kill('SIGHUP');
    await writeFile(join(c.folder, 'go'), '');
    await c.up();
    await eventually(() => assert.equal(c.tier.out.match(/^reloads$/gm)?.length, 2), WITHIN_MS);
  });
});
