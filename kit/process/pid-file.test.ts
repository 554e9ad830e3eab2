import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { RunningTier } from '../testing/running-tier.ts';
import { SpawnedTier } from '../testing/spawned-tier.ts';

const newFolder = () => mkdtempDisposable(join(tmpdir(), 'trivet-pid-'));
const pidIn = (path: string) => Number(readFileSync(path, 'utf8'));

describe('the file that names the process', () => {
  for (const workers of ['1', '2']) {
    test(`is written, and removed at its end, with ${workers} workers`, async () => {
      await using folder = await newFolder();
      const path = join(folder.path, 'pid');
      await writeFile(path, '2147483647\n');
      await using tier = new RunningTier({ FRONT_PID_FILE: path, FRONT_WORKERS: workers });
      const { pid } = await tier.listening();
      assert.equal(pidIn(path), pid);
      tier.child.kill('SIGTERM');
      assert.equal(await tier.exitCode(), 0);
      assert.equal(existsSync(path), false);
    });
  }

  test('goes over to the process that follows', async () => {
    await using folder = await newFolder();
    const path = join(folder.path, 'pid');
    await using tier = new SpawnedTier({ FRONT_PID_FILE: path });
    const { pid } = await tier.line('listening');
    process.kill(pid, 'SIGUSR2');
    const next = await tier.line('listening', 1);
    assert.equal(await tier.exitCode(), 0);
    assert.notEqual(next.pid, pid);
    assert.equal(pidIn(path), next.pid);
  });

  for (const [what, text, at, complaint] of [
    ['names a process that lives', `${process.pid}`, 'pid', /FRONT_PID_FILE: \S+ names process \d+, which lives/],
    ['cannot be written', '', 'none/pid', /FRONT_PID_FILE: it cannot be written: ENOENT/],
  ] as const) {
    test(`keeps the tier from starting when it ${what}`, async () => {
      await using folder = await newFolder();
      await writeFile(join(folder.path, 'pid'), text);
      await using tier = new RunningTier({ FRONT_PID_FILE: join(folder.path, at) });
      assert.equal(await tier.exitCode(), 78);
      assert.match(tier.complaints, complaint);
      assert.equal(readFileSync(join(folder.path, 'pid'), 'utf8'), text);
    });
  }
});
