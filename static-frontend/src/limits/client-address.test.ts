import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainClient } from './client-address.ts';

for (const [given, plain] of [
  ['192.0.2.1', '192.0.2.1'],
  ['unix', 'unix'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:0201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['2001:DB8::1', '2001:db8:0:0:0:0:0:1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6'],
  ['::', '0:0:0:0:0:0:0:0'],
  ['1::', '1:0:0:0:0:0:0:0'],
  ['::1', '0:0:0:0:0:0:0:1'],
  ['64:ff9b::192.0.2.33', '64:ff9b:0:0:0:0:c000:221'],
  ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
] as const) {
  test(`${given} is ${plain}`, () => assert.equal(plainClient(given), plain));
}
