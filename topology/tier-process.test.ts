import assert from 'node:assert/strict';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { killAfterMs, TierProcess } from './tier-process.ts';

/** A tier whose line `listening` is written when it has ended, by another process that it leaves behind. */
const shortLived = `
import { spawn } from 'node:child_process';
const line = JSON.stringify({ msg: 'listening', address: 'http://127.0.0.1:1', admin: 'http://127.0.0.1:2' });
const late = \`setInterval(() => {
  try {
    process.kill(\${process.pid}, 0);
  } catch {
    console.log(process.argv[1]);
    process.exit();
  }
}, 5)\`;
const stdio = ['ignore', 'inherit', 'ignore'];
spawn(process.execPath, ['-e', late, line], { stdio }).once('spawn', () => process.exit(7));
`;

test('a tier that ends before its address is read is started again all the same', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-tier-'));
  await writeFile(join(folder.path, 'main.mjs'), shortLived);
  const events: string[] = [];
  const output = {
    line: () => undefined,
    complaint: (_: string, line: string) => void events.push(line),
    event: (_: string, text: string) => void events.push(text),
  };
  const service = { tier: 'app-backend', main: 'main.mjs', environment: () => ({}) } as const;
  const { PATH, HOME } = process.env;
  const tier = new TierProcess(service, { root: folder.path, behind: undefined, inherited: { PATH, HOME }, output });
  await tier.start();
  await eventually(() => assert.equal(events[0], 'ended by exit code 7; starting it again in 0ms'));
  await tier.stop();
});

for (const [graceful, ms] of [
  [undefined, 40_000],
  ['10s', 40_000],
  ['2m', 135_000],
  ['2147483647ms', 2_147_483_647],
  // The tier itself refuses it.
  ['soon', 40_000],
] as const) {
  test(`a tier that gives its requests ${graceful ?? 'its usual time'} is killed ${ms}ms after it was told to stop`, () => {
    assert.equal(killAfterMs('edge-cache', { EDGE_GRACEFUL_TIMEOUT: graceful }), ms);
  });
}
