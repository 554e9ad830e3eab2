import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { isAlive } from '../testing/is-alive.ts';
import { rawConnect } from '../testing/raw-client.ts';
import { RunningTier } from '../testing/running-tier.ts';

const jsonOf = async (response: Response) => (await response.json()) as Record<string, unknown>;

const closing = /closed the second\n[\s\S]*closed the first\n/;

describe('a tier stops', { concurrency: true }, () => {
  const half = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na';

  test('at SIGTERM: what is in flight is answered, what was opened is closed, and it ends with 0', async () => {
    await using tier = new RunningTier({});
    const { port, admin } = await tier.listening();
    await using client = await rawConnect(port);
    await client.write(half);
    await tier.line('asked');
    tier.child.kill('SIGTERM');
    assert.equal(JSON.parse(await tier.line('"draining"')).signal, 'SIGTERM');
    const ready = await fetch(`${admin}/ready`);
    assert.deepEqual([ready.status, (await jsonOf(ready)).why], [503, 'draining']);
    await assert.rejects(rawConnect(port), { code: 'ECONNREFUSED' });
    await client.write('b');
    assert.match(await client.readUntil('ok'), /^connection: close\r$/im);
    assert.equal(await tier.exitCode(), 0);
    assert.match(tier.out, closing);
    assert.equal(tier.complaints, '');
  });

  test('when its launcher is gone', async () => {
    await using tier = new RunningTier({});
    await tier.listening();
    tier.child.disconnect();
    assert.equal(await tier.exitCode(), 0);
    assert.equal(JSON.parse(await tier.line('"draining"')).signal, 'disconnect');
  });

  test('with 1 when something was still in flight at the deadline', async () => {
    await using tier = new RunningTier({ FRONT_GRACEFUL_TIMEOUT: '50ms' });
    const { port } = await tier.listening();
    await using client = await rawConnect(port);
    await client.write(half);
    await tier.line('asked');
    tier.child.kill('SIGTERM');
    assert.equal(await tier.exitCode(), 1);
    assert.equal(JSON.parse(await tier.line('"warn"')).msg, 'requests were still in flight after 50ms and were cut');
    assert.match(tier.out, closing);
  });

  test('with 0 and without delay when clients merely keep their connections', async () => {
    await using tier = new RunningTier({ FRONT_GRACEFUL_TIMEOUT: '0s' });
    const { port } = await tier.listening();
    await using client = await rawConnect(port);
    await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.readUntil('ok');
    tier.child.kill('SIGTERM');
    assert.equal(await tier.exitCode(), 0);
  });

  test('at once when it is told a second time', async () => {
    await using tier = new RunningTier({});
    const { port } = await tier.listening();
    await using client = await rawConnect(port);
    await client.write(half);
    await tier.line('asked');
    tier.child.kill('SIGINT');
    await tier.line('"draining"');
    tier.child.kill('SIGTERM');
    assert.equal(await tier.exitCode(), 1);
    assert.doesNotMatch(tier.out, /closed/);
  });

  test('with 0 when it is told while it is still starting', async () => {
    await using tier = new RunningTier({ FRONT_START: 'never' });
    await tier.line('starting for ever');
    tier.child.kill('SIGTERM');
    assert.equal(await tier.exitCode(), 0);
    assert.match(tier.out, closing);
  });
});

test('a tier in which something does not close ends all the same', async () => {
  await using tier = new RunningTier({ FRONT_START: 'clings' });
  await tier.listening();
  tier.child.kill('SIGTERM');
  assert.equal(await tier.exitCode(), 0);
  assert.match(tier.out, /"level":"error".*not everything was closed/);
});

test('a tier ends whose parent was gone before it had begun to listen to it', async () => {
  const program = new URL('../testing/small-tier.ts', import.meta.url).pathname;
  const slow = 'data:text/javascript,await new Promise((done) => setTimeout(done, 500))';
  const parent = `
    const { fork } = require('node:child_process');
    const child = fork(${JSON.stringify(program)}, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: ['--import', ${JSON.stringify(slow)}] });
    child.once('spawn', () => process.stdout.write(String(child.pid), () => process.kill(process.pid, 'SIGKILL')));`;
  const child = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number(await text(child.stdout));
  assert.ok(pid > 0);
  await eventually(() => assert.equal(isAlive(pid), false), 20_000);
});
