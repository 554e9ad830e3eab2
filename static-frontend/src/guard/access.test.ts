import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessOptions } from '../site/guard-options.ts';
import { accessList } from './access.ts';

const house = { allow: ['192.0.2.0/24', '2001:db8::/32'], deny: ['192.0.2.7'] };

const table: readonly [options: AccessOptions, client: string, mayComeIn: boolean][] = [
  [house, '192.0.2.1', true],
  [house, '::ffff:192.0.2.1', true],
  [house, '::ffff:c000:201', true],
  [house, '192.0.2.7', false],
  [house, '::ffff:192.0.2.7', false],
  [house, '::ffff:c000:207', false],
  [house, '192.0.3.1', false],
  [house, '2001:DB8:ffff::1', true],
  [house, '2001:db9::1', false],
  [house, 'unix', false],
  [{ allow: ['unix'] }, 'unix', true],
  [{ deny: ['unix'] }, 'unix', false],
  [{ deny: ['192.0.2.0/24'] }, '192.0.3.1', true],
  [{ deny: ['192.0.2.0/24'] }, 'fe80::1%eth0', true],
  [{ deny: ['fe80::/10'] }, 'fe80::1%eth0', false],
  [{ allow: [] }, '192.0.2.1', false],
  [{ deny: [] }, '192.0.2.1', true],
  [{ deny: ['192.0.2.0/24'] }, 'unknown', false],
  [{ allow: ['0.0.0.0/0', '::/0', 'unix'] }, 'unknown', false],
];
for (const [options, client, mayComeIn] of table) {
  test(`${JSON.stringify(options)} ${mayComeIn ? 'lets' : 'does not let'} ${client} in`, () => {
    assert.equal(accessList(options)(client), mayComeIn);
  });
}
