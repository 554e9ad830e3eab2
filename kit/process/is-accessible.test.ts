import assert from 'node:assert/strict';
import { chmodSync, constants, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isAccessible } from './is-accessible.ts';

test('what is there may be used as its mode allows, and what is not there may not', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trivet-accessible-'));
  const path = join(folder.path, 'f');
  writeFileSync(path, '');
  chmodSync(path, 0o600);
  assert.equal(isAccessible(path, constants.R_OK | constants.W_OK), true);
  // Nobody may run what no one may run, whoever he is.
  assert.equal(isAccessible(path, constants.X_OK), false);
  assert.equal(isAccessible(join(folder.path, 'none'), constants.R_OK), false);
});
