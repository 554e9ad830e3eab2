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

test('the site that the README shows loads', async () => {
  const [, source = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-readme-'));
  await writeFile(join(folder.path, 'site.ts'), source);
  const site = await loadSite(join(folder.path, 'site.ts'), 'FRONT_SITE');
  assert.equal(site.routes.length, 5);
});
