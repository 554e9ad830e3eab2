import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { stoppedUnderLoad } from '@trivet/kit/testing/stopped-under-load.ts';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));
const times = 2;

for (const workers of ['1', '2']) {
  test(`the front with workers: ${workers}, stopped under load, answers all that is asked`, async () => {
    await using tree = await fileTree({ 'index.html': 'hello' });
    const env = { FRONT_ROOT: tree.path, FRONT_WORKERS: workers };
    for (let i = 0; i < times; i++) await stoppedUnderLoad({ program, env, target: '/index.html' });
  });
}
