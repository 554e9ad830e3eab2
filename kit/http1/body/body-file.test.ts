import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storageFault } from './body-file.ts';

for (const [code, status] of [
  ['ENOSPC', 507],
  ['EDQUOT', 507],
  ['EFBIG', 507],
  ['EIO', 500],
  ['EMFILE', 500],
] as const) {
  test(`${code} is a ${status} of this tier`, () => {
    const { reason, status: told, blame } = storageFault(Object.assign(new Error('disk'), { code }));
    assert.deepEqual([reason, told, blame], ['body-storage', status, 'self']);
  });
}
