import assert from 'node:assert/strict';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { StartProblem } from '@trivet/kit/process/load-file.ts';
import { loadSite } from './load-site.ts';

async function load(source: string) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-site-'));
  const path = join(folder.path, 'site.ts');
  await writeFile(path, source);
  return await loadSite(path, 'FRONT_SITE');
}

const define = "import { defineSite } from '@trivet/static-frontend';\nexport default defineSite";

test('a site outside the repository finds defineSite by its name', async () => {
  assert.deepEqual(await load(`${define}({ routes: [{ path: '/', files: '.' }] })`), {
    routes: [{ path: '/', files: '.' }],
  });
});

for (const [what, source, complaint] of [
  [
    'a site that is wrong',
    `${define}({ routes: [{ path: 'x', proxy: 'y' }] })`,
    /routes\[0\]\.path: .*routes\[0\]\.proxy/,
  ],
  ['a wrong site that never called defineSite', 'export default { routes: [] }', /at least one route/],
  ['a site with a slip of the pen', 'export default {', /does not load/],
  ['a file without a site', 'export const site = 1', /no export "default"/],
] as const) {
  test(`${what} is what the user must mend`, async () => {
    await assert.rejects(load(source), (error: unknown) => {
      assert.ok(error instanceof StartProblem);
      assert.match(error.message, /^FRONT_SITE: /);
      assert.match(error.message, complaint);
      return true;
    });
  });
}

test('a site that is not there is what the user must mend', async () => {
  await assert.rejects(loadSite('/nowhere/site.ts', 'FRONT_SITE'), {
    name: 'StartProblem',
    message: /there is no file/,
  });
});
