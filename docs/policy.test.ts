import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const repository = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(repository, path), 'utf8');

for (const path of ['edge-cache/examples/policy.ts', 'edge-cache/examples/policy.test.ts']) {
  test(`docs/policy.md shows ${path} as it is`, () => {
    assert.ok(read('docs/policy.md').includes(`\`\`\`ts\n${read(path)}\`\`\``));
  });
}
