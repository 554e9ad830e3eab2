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

/** Ends at the second SIGUSR2; its exit code is how often it was told to stop, less one. */
const counting = `
let told = 0;
let asked = 0;
setInterval(() => undefined, 1_000);
process.on('SIGTERM', () => {
  told += 1;
  console.log('told');
});
process.on('SIGUSR2', () => {
  if (asked > 0) process.exit(told - 1);
  asked += 1;
  console.log('asked');
});
console.log(JSON.stringify({ msg: 'listening', address: 'http://127.0.0.1:1', admin: String(process.pid) }));
`;

async function tierOf(program: string) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trivet-tier-'));
  await writeFile(join(folder.path, 'main.mjs'), program);
  const events: string[] = [];
  const say = (_: string, text: string) => void events.push(text);
  const output = { line: say, complaint: say, event: say };
  const service = { tier: 'app-backend', main: 'main.mjs', environment: () => ({}) } as const;
  const { PATH, HOME } = process.env;
  const tier = new TierProcess(service, { root: folder.path, behind: undefined, inherited: { PATH, HOME }, output });
  const dispose = async () => {
    await tier.stop('SIGKILL');
    await folder[Symbol.asyncDispose]();
  };
  return { tier, events, [Symbol.asyncDispose]: dispose };
}

test('a tier that ends before its address is read is started again all the same', async () => {
  await using short = await tierOf(shortLived);
  const { tier, events } = short;
  await tier.start();
  await eventually(() => assert.ok(events.includes('ended by exit code 7; starting it again in 0ms')));
});

test('a tier that is stopped twice is told once', async () => {
  await using stand = await tierOf(counting);
  const { tier, events } = stand;
  const { admin } = await tier.start();
  const first = tier.stop();
  await eventually(() => assert.ok(events.includes('told')));
  const second = tier.stop();
  process.kill(Number(admin), 'SIGUSR2');
  await eventually(() => assert.ok(events.includes('asked')));
  process.kill(Number(admin), 'SIGUSR2');
  assert.deepEqual(await Promise.all([first, second]), [0, 0]);
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
