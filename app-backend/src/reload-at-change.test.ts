import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import type { AppConfig } from '../settings.ts';
import { reloadAtChange } from './reload-at-change.ts';
import { recordingLog } from './testing/serving.ts';

test('a source that changes is a SIGHUP to this process, and the log says which', async () => {
  await using tree = await fileTree({ 'app.py': '1' });
  const { log, lines } = recordingLog();
  let hangUps = 0;
  const hear = () => {
    hangUps += 1;
  };
  process.on('SIGHUP', hear);
  try {
    const config = { chdir: tree.path, reloadFiles: [join(tree.path, 'page.html')] } as unknown as AppConfig;
    await using _ = reloadAtChange(config, log);
    let [size, writtenAt] = [0, Number.NEGATIVE_INFINITY];
    await eventually(async () => {
      // What is written before the first look is no change, and what changes at each look is waited for.
      if (performance.now() - writtenAt > 1_500) {
        size += 1;
        await writeFile(join(tree.path, 'page.html'), 'x'.repeat(size));
        writtenAt = performance.now();
      }
      assert.ok(hangUps > 0);
    }, 15_000);
    assert.deepEqual(lines[0], { path: join(tree.path, 'page.html'), msg: 'a source has changed' });
  } finally {
    process.off('SIGHUP', hear);
  }
});

test('what cannot be looked at is told once, and reloads nothing', async () => {
  const { log, lines } = recordingLog();
  const config = { chdir: '/there/is/none', reloadFiles: [] } as unknown as AppConfig;
  await using _ = reloadAtChange(config, log);
  await eventually(() => assert.equal(lines[0]?.msg, 'the sources cannot be watched'));
});
