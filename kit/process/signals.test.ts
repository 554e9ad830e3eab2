import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../testing/eventually.ts';
import { OrderedProcess } from '../testing/ordered-process.ts';

const program = fileURLToPath(new URL('../testing/told-program.ts', import.meta.url));

/** A process that may be told, with a channel to whoever started it; it is up. */
async function telling(args: readonly string[] = [], channel: 'ipc' | 'ignore' = 'ipc'): Promise<OrderedProcess> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'ignore', 'pipe', channel] });
  const started = new OrderedProcess(child);
  await started.line('up');
  return started;
}

describe('a process that may be told to stop', { concurrency: 2 }, () => {
  for (const first of ['SIGTERM', 'SIGINT'] as const) {
    test(`is told by a first ${first}, and goes on until it has done what that asks of it`, async () => {
      await using process = await telling(['by-itself']);
      process.child.kill(first);
      await process.line(`told ${first}`);
      assert.deepEqual(await process.sees('alive'), [`told ${first}`]);
    });

    for (const second of ['SIGTERM', 'SIGINT'] as const) {
      test(`ends at once at a ${second} behind the ${first}, in its own way`, async () => {
        await using process = await telling(['by-itself']);
        process.child.kill(first);
        await process.line(`told ${first}`);
        process.child.kill(second);
        assert.equal(await process.end(), 7);
        assert.deepEqual(process.lines, ['up', `told ${first}`, 'at once']);
      });
    }
  }

  test('ends with 1 at the second signal where it has no way of its own', async () => {
    await using process = await telling();
    process.child.kill('SIGTERM');
    await process.line('told SIGTERM');
    process.child.kill('SIGTERM');
    assert.equal(await process.end(), 1);
  });

  test('is told when whoever started it is gone, and by a signal behind that it ends at once', async () => {
    await using process = await telling(['by-itself']);
    process.child.disconnect();
    await process.line('told disconnect');
    assert.deepEqual(await process.sees('alive'), ['told disconnect']);
    process.child.kill('SIGTERM');
    assert.equal(await process.end(), 7);
  });

  test('is not hurried when whoever started it is gone after it was told', async () => {
    await using process = await telling(['by-itself']);
    process.child.kill('SIGTERM');
    await process.line('told SIGTERM');
    process.child.disconnect();
    assert.deepEqual(await process.sees('alive'), ['told SIGTERM']);
    process.child.kill('SIGINT');
    assert.equal(await process.end(), 7);
  });

  for (const channel of ['ipc', 'ignore'] as const) {
    test(`with ${channel === 'ipc' ? 'a channel' : 'no channel'} ends by itself when it has nothing to do`, async () => {
      await using process = await telling([], channel);
      process.order('let go');
      assert.equal(await process.end(), 0);
      assert.deepEqual(process.lines, ['up']);
    });
  }

  test('without a channel is told by signals', async () => {
    await using process = await telling([], 'ignore');
    process.child.kill('SIGINT');
    await process.line('told SIGINT');
  });
});

describe('a process that is told as Gunicorn is', { concurrency: 2 }, () => {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    test(`is told to stop quickly by ${signal}`, async () => {
      await using process = await telling(['letters'], 'ignore');
      process.child.kill(signal);
      // In either order.
      await Promise.all([process.line(`quick ${signal}`), process.line(`told ${signal} quickly`)]);
    });

    test(`is told to be quick by ${signal} behind a SIGTERM, which a second SIGTERM does not tell`, async () => {
      await using process = await telling(['letters'], 'ignore');
      process.child.kill('SIGTERM');
      await process.line('told SIGTERM');
      process.child.kill('SIGTERM');
      assert.deepEqual(await process.sees('alive'), ['told SIGTERM']);
      process.child.kill(signal);
      await process.line(`quick ${signal}`);
    });
  }

  test('is not told to be quick when whoever started it is gone', async () => {
    await using process = await telling(['letters']);
    process.child.disconnect();
    await process.line('told disconnect');
    process.child.kill('SIGINT');
    await process.line('quick SIGINT');
  });

  test('is told by SIGTTIN and SIGTTOU that more are wanted, or fewer', async () => {
    await using process = await telling(['letters'], 'ignore');
    process.child.kill('SIGTTIN');
    await process.line('resize 1');
    process.child.kill('SIGTTOU');
    await process.line('resize -1');
  });
});

describe('at SIGHUP a process', { concurrency: 2 }, () => {
  test('reloads, each time, and is not told to stop', async () => {
    await using process = await telling();
    process.order('mind hang-ups');
    await process.sees('minding');
    for (const word of ['once', 'twice']) {
      process.child.kill('SIGHUP');
      await eventually(() => assert.equal(process.said.match(/^reloads$/gm)?.length, word === 'once' ? 1 : 2), 20_000);
    }
    assert.deepEqual(await process.sees('alive'), ['minding', 'reloads', 'reloads']);
  });

  test('ends as any other does, when it minds hang-ups no longer', async () => {
    await using process = await telling();
    process.order('mind hang-ups');
    process.order('mind no hang-ups');
    await process.sees('not minding');
    process.child.kill('SIGHUP');
    assert.equal(await process.end(), 'SIGHUP');
    assert.doesNotMatch(process.said, /reloads/);
  });

  const terminal = '/usr/bin/script';
  const isHere = process.platform === 'linux' && existsSync(terminal);
  test('reloads while it has its terminal, and stops when that is closed', { skip: !isHere }, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-signals-'));
    const path = join(folder.path, 'said');
    const command = `exec '${process.execPath}' '${program}' 2>'${path}'`;
    const child = spawn(terminal, ['-qec', `echo $$ >'${path}.pid'; ${command}`, '/dev/null'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, SHELL: '/bin/sh' },
    });
    await using told = new OrderedProcess(child);
    const says = (what: string) =>
      eventually(async () => assert.ok((await readFile(path, 'utf8')).split('\n').includes(what)), 20_000);
    await says('up');
    const pid = Number(await readFile(`${path}.pid`, 'utf8'));
    told.order('mind hang-ups');
    told.order('say minding');
    await says('minding');
    process.kill(pid, 'SIGHUP');
    await says('reloads');
    child.kill('SIGKILL');
    await says('told SIGTERM');
    process.kill(pid, 'SIGKILL');
    assert.equal((await readFile(path, 'utf8')).match(/^reloads$/gm)?.length, 1);
  });
});
