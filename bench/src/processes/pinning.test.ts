import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { allowedCores, moveToCore, onCore, pinning } from './pinning.ts';

const cores = pinning();

for (const [list, cores] of [
  ['0-1', [0, 1]],
  ['3', [3]],
  ['0-2,8,10-11', [0, 1, 2, 8, 10, 11]],
] as const) {
  test(`the cores ${list} are [${cores}]`, () => {
    const status = `Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\nMems_allowed_list:\t0\n`;
    assert.deepEqual(allowedCores(status), cores);
  });
}

test('without the line no core is known', () => {
  assert.deepEqual(allowedCores('Name:\tnode\n'), []);
});

test('a pinned command is the same command behind taskset', () => {
  const command = { name: 'a', file: '/bin/a', args: ['-x'], port: 80 };
  assert.deepEqual(onCore(command, '/bin/taskset', 3), {
    name: 'a',
    file: '/bin/taskset',
    args: ['-c', '3', '/bin/a', '-x'],
    port: 80,
  });
});

test('a process that runs is moved to the core of the load', { skip: cores === undefined }, async () => {
  if (cores === undefined) return;
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const gone = once(child, 'exit');
  try {
    await once(child, 'spawn');
    moveToCore(child.pid ?? 0, cores);
    assert.deepEqual(allowedCores(readFileSync(`/proc/${child.pid}/status`, 'latin1')), [cores.loadCore]);
    assert.throws(() => moveToCore(child.pid ?? 0, { ...cores, loadCore: 9_999 }), /cannot move \d+ to core 9999/);
  } finally {
    child.kill();
    await gone;
  }
});
