import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipAddress } from './ip-address.ts';

for (const [text, address] of [
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:4711', '192.0.2.1'],
  ['2001:DB8::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:80', '2001:db8::1'],
  ['::', '::'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['[::FFFF:192.0.2.1]:80', '192.0.2.1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['', undefined],
  ['unix', undefined],
  ['unknown', undefined],
  ['_hidden', undefined],
  ['192.0.2', undefined],
  ['192.0.2.256', undefined],
  ['192.0.2.01', undefined],
  ['1.2.3.4.5', undefined],
  ['192.0.2.1 x', undefined],
  ['2001:db8::1::2', undefined],
  ['[2001:db8::1', undefined],
  ['example.org:80', undefined],
] as const) {
  test(`${JSON.stringify(text)} is ${address === undefined ? 'no address' : `the address ${address}`}`, () => {
    assert.equal(ipAddress(text), address);
  });
}
