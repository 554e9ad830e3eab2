import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { conformanceDocument } from './document.ts';

test('docs/conformance.md says what the suite and the list say (npm run docs)', async () => {
  const written = readFileSync(new URL('../../docs/conformance.md', import.meta.url), 'utf8');
  assert.equal(await conformanceDocument(), written);
});
