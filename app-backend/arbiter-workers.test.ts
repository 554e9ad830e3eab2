// The app server as it is run: what becomes of its workers.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { holdSocket } from '@trivet/kit/process/held-socket.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { isAlive } from '@trivet/kit/testing/is-alive.ts';
import { steadyLoad } from '@trivet/kit/testing/steady-load.ts';
import { allReady, Server, saying, withinMs } from './src/testing/running-server.ts';

describe('workers', { concurrency: 1 }, () => {
  test('are one more at SIGTTIN and one fewer at SIGTTOU, but never none', async () => {
    await using server = await Server.start(saying('one'));
    await using load = steadyLoad({ port: server.port });
    server.child.kill('SIGTTIN');
    await server.settles(allReady(2, 1));
    for (const _ of [1, 2]) server.child.kill('SIGTTOU');
    await server.settles(allReady(1, 1));
    server.child.kill('SIGTTOU');
    await server.ask();
    await server.settles(allReady(1, 1));
    await load.stop();
    assert.deepEqual(load.failures, []);
  });

  test('that are killed under load fail no more than what they had in flight', async () => {
    await using server = await Server.start(saying('one'));
    await using load = steadyLoad({ port: server.port });
    const kills = 5;
    for (let round = 0; round < kills; round += 1) {
      const [pid = 0] = await server.pids();
      await eventually(() => assert.ok(load.answers.has(String(pid))), withinMs);
      process.kill(pid, 'SIGKILL');
      await server.settles((stats) => {
        allReady(1, 1)(stats);
        assert.notEqual(stats.workers[0]?.pid, pid);
      });
    }
    await load.stop();
    // Two clients keep their connections, which are gone with him who had them; of the others one may have been accepted.
    assert.ok(load.failures.length <= 4 * kills, load.failures.join('\n'));
    assert.ok(
      load.failures.every((failure) => /ECONNRESET|socket hang up|EPIPE/.test(failure)),
      load.failures.join('\n'),
    );
    await server.settles(({ arbiter }) => assert.equal(arbiter.ends.crashed, kills));
  });

  test('are replaced after so many requests, and nothing is lost by it', async () => {
    const env = { APP_WORKERS: '2', APP_MAX_REQUESTS: '30', APP_MAX_REQUESTS_JITTER: '10' };
    await using server = await Server.start(saying('one'), env);
    await using load = steadyLoad({ port: server.port });
    await server.settles(({ arbiter }) => assert.ok((arbiter.ends['max-requests'] ?? 0) >= 2));
    await load.stop();
    assert.deepEqual(load.failures, []);
    const text = await (await fetch(`${server.admin}/metrics`)).text();
    assert.match(text, /^trivet_worker_ends_total\{reason="max-requests",.*\} \d/m);
  });

  for (const [reason, env] of [
    ['max-age', { APP_MAX_AGE: '500ms' }],
    ['max-rss', { APP_MAX_RSS: '1MB' }],
  ] as const) {
    test(`are replaced by reason of ${reason}`, async () => {
      await using server = await Server.start(saying('one'), env);
      await server.settles(({ arbiter }) => assert.ok((arbiter.ends[reason] ?? 0) >= 1));
    });
  }

  test('that hang are ended and replaced, and the client is told', async () => {
    await using server = await Server.start(saying('one'), { APP_TIMEOUT: '1s' });
    const hung = fetch(`${server.address}/?block`);
    await server.settles(({ arbiter }) => assert.equal(arbiter.ends.timeout, 1));
    assert.equal((await hung).status, 504);
    assert.match(await server.ask(), /^one/);
  });

  test('that crash are in the log with their last words, what they had in flight, and their age', async () => {
    await using server = await Server.start(saying('one'));
    const [pid = 0] = await server.pids();
    const lost = server.ask('/lost?ms=60000').catch(() => 'reset');
    await server.ask('/crash?throw').catch(() => 'reset');
    assert.equal(await lost, 'reset');
    const line = (await server.line('another is started')) as unknown as Record<string, unknown>;
    assert.deepEqual([line.workerPid, line.code, line.signal, typeof line.livedMs], [pid, 1, null, 'number']);
    assert.match((line.stderr as string[]).join('\n'), /out of cheese/);
    const targets = (line.inFlight as { method: string; target: string; id: string }[]).map((one) => one.target);
    assert.deepEqual(targets.toSorted(), ['/crash?throw', '/lost?ms=60000']);
    assert.match(server.complaints, /out of cheese/);
  });

  test('that were killed are in the log with what had taken them more than a second', async () => {
    await using server = await Server.start(saying('one'));
    const [pid = 0] = await server.pids();
    const lost = server.ask('/slow?ms=60000').catch(() => 'reset');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    process.kill(pid, 'SIGKILL');
    assert.equal(await lost, 'reset');
    const line = (await server.line('another is started')) as unknown as Record<string, unknown>;
    assert.equal(line.signal, 'SIGKILL');
    assert.equal((line.inFlight as { target: string }[])[0]?.target, '/slow?ms=60000');
  });

  test('that never come up again are tried ever more rarely, and it is said', async () => {
    await using server = await Server.start(saying('one'));
    const [pid = 0] = await server.pids();
    await server.deploy('process.exit(3);');
    process.kill(pid, 'SIGKILL');
    await server.line('hopeless');
    const ready = await fetch(`${server.admin}/ready`);
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /hopeless: 1 of 1 workers .* exit code 3/);
    await server.deploy(saying('two'));
    server.child.kill('SIGHUP');
    await server.settles(allReady(1, 2));
  });

  test('are gone when their arbiter was killed', async () => {
    await using server = await Server.start(saying('one'), { APP_WORKERS: '2' });
    const pids = await server.pids();
    server.child.kill('SIGKILL');
    await eventually(() => assert.equal(pids.some(isAlive), false), withinMs);
  });

  test('accept on the socket that a service manager gave the server', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-arbiter-'));
    await writeFile(join(folder.path, 'app.ts'), saying('one'));
    using held = await holdSocket({ kind: 'tcp', host: '127.0.0.1', port: 0 });
    const main = join(import.meta.dirname, 'main.ts');
    const env = { APP_CHDIR: folder.path, APP_APPLICATION: 'app.ts:application', APP_ADMIN_LISTEN: '127.0.0.1:0' };
    const child = spawn('sh', ['-c', `LISTEN_PID=$$ LISTEN_FDS=1 exec '${process.execPath}' '${main}'`], {
      env: { ...env, PATH: process.env.PATH, APP_WORKERS: '2', APP_LISTEN: '127.0.0.1:1' },
      stdio: ['ignore', 'pipe', 'inherit', held.fd],
    });
    try {
      const { port } = held.address as { port: number };
      assert.ok(child.stdout);
      for await (const line of createInterface({ input: child.stdout })) if (line.includes('"listening"')) break;
      const first = await fetch(`http://127.0.0.1:${port}/`);
      assert.equal(await first.text(), 'one true');
      child.kill('SIGTERM');
      assert.deepEqual(await once(child, 'exit'), [0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
