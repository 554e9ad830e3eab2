import assert from 'node:assert/strict';
import { get } from 'node:http';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { RunningTier } from '../testing/running-tier.ts';

const EXCHANGES = 150;

/** Asks for a long target, so that its line is long; the status of the answer. */
async function ask(port: number): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  get({ port, host: '127.0.0.1', path: `/${'x'.repeat(10_000)}` }, (response) => {
    response.resume().once('end', () => resolve(response.statusCode));
  }).once('error', reject);
  return await promise;
}

async function askMany(port: number): Promise<void> {
  for (let i = 0; i < EXCHANGES; i++) assert.equal(await ask(port), 200);
}

async function lostOf(admin: string): Promise<number> {
  const text = await (await fetch(`${admin}/metrics`)).text();
  return Number(/^trivet_log_lines_dropped_total\{[^}]*\} (\d+)$/m.exec(text)?.[1]);
}

describe('a tier whose log nobody reads', { concurrency: true }, () => {
  test('goes on serving, and tells of the lines that were lost when it is read again', async () => {
    await using tier = new RunningTier({ LOG_BUFFER: '64KB' });
    const { port, admin } = await tier.listening();
    assert.equal(await lostOf(admin), 0);
    tier.child.stdout?.pause();
    await askMany(port);
    const lost = await lostOf(admin);
    assert.ok(lost > 0, 'what a socket and 64 KB can hold is less than what was logged');
    tier.child.stdout?.resume();
    const report = JSON.parse(await tier.line(' were lost: '));
    assert.deepEqual([report.level, report.lost], ['warn', lost]);
    await eventually(() => {
      const lines = tier.out.split('\n').filter((line) => line.startsWith('{'));
      const exchanges = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'exchange');
      assert.equal(exchanges.length + lost, EXCHANGES);
    });
  });

  test('ends when it is told', async () => {
    await using tier = new RunningTier({ LOG_BUFFER: '64KB' });
    const { port } = await tier.listening();
    tier.child.stdout?.pause();
    await askMany(port);
    tier.child.kill('SIGTERM');
    await eventually(() => assert.equal(tier.child.exitCode, 0), 10_000);
  });

  test('ends at once when it is told twice', async () => {
    await using tier = new RunningTier({ LOG_BUFFER: '64KB' });
    const { port } = await tier.listening();
    tier.child.stdout?.pause();
    await askMany(port);
    tier.child.kill('SIGTERM');
    await eventually(() => {
      tier.child.kill('SIGTERM');
      assert.notEqual(tier.child.exitCode, null);
    }, 10_000);
  });
});
