import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { markdown } from '@trivet/kit/process/settings.ts';
import { settings } from './settings.ts';

const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');

test('every file that the README names is there', () => {
  const named = [...readme.matchAll(/`((?:src\/)?[\w/-]+\.ts)`/g)].map(([, path = '']) => path);
  assert.ok(named.length > 20);
  assert.deepEqual(
    named.filter((path) => !existsSync(join(import.meta.dirname, path))),
    [],
  );
});

test('the settings in the README are those of the table', () => {
  assert.ok(readme.includes(`<!-- settings -->\n${markdown(settings)}\n<!-- /settings -->`));
});
