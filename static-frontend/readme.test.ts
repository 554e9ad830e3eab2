import assert from 'node:assert/strict';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { settings } from './settings.ts';
import { loadSite } from './src/load-site.ts';

const readme = await readFile(join(import.meta.dirname, 'README.md'), 'utf8');

test('the settings that the README speaks of exist', () => {
  const known = new Set<string>(Object.values(settings).map(({ env }) => env));
  for (const [name] of readme.matchAll(/\bFRONT_[A-Z_]+\b/g)) assert.ok(known.has(name), name);
});

test('the sites that the README shows load', async () => {
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, source = '']) => source);
  const sites = blocks.filter((source) => source.includes('defineSite({'));
  assert.ok(sites.length >= 3);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-readme-'));
  for (const [at, source] of sites.entries()) {
    const path = join(folder.path, `site-${at}.ts`);
    const needed = source.startsWith('import') ? '' : "import { defineSite } from '@trivet/static-frontend';\n";
    await writeFile(path, needed + source);
    assert.ok((await loadSite(path, 'FRONT_SITE')).routes.length > 1);
  }
});
