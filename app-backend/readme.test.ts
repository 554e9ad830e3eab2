import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');

test('every file that the README names is there', () => {
  const named = [...readme.matchAll(/`((?:src\/)?[\w/-]+\.ts)`/g)].map(([, path = '']) => path);
  assert.ok(named.length > 20);
  assert.deepEqual(
    named.filter((path) => !existsSync(join(import.meta.dirname, path))),
    [],
  );
});
