import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainAddress, trustList } from './trusted-peers.ts';

const asked: readonly [list: string, address: string, trusted: boolean][] = [
  ['', '127.0.0.1', false],
  ['', 'unix', false],
  [' , ', '127.0.0.1', false],
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '127.0.0.2', false],
  ['127.0.0.0/8', '127.255.0.1', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['::1', '0:0:0:0:0:0:0:1', true],
  ['2001:db8::/32', '2001:db8:1::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['127.0.0.0/8,::1, unix', 'unix', true],
  ['127.0.0.0/8', 'unix', false],
  ['unix', '127.0.0.1', false],
  ['unix', '', false],
  ['unix', 'unknown', false],
  ['0.0.0.0/0,::/0', 'unknown', false],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['10.0.0.0/8', '::FFFF:10.1.2.3', true],
  ['10.0.0.0/8', '::ffff:11.1.2.3', false],
  ['::ffff:10.0.0.1', '10.0.0.1', true],
];

for (const [list, address, trusted] of asked) {
  test(`${JSON.stringify(list)} ${trusted ? 'trusts' : 'does not trust'} ${JSON.stringify(address)}`, () => {
    assert.equal(trustList(list)(address), trusted);
  });
}

for (const member of [
  'proxy',
  '10.0.0',
  '10.0.0.0/33',
  '::1/129',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0.0/-1',
  'UNIX',
]) {
  test(`${JSON.stringify(member)} is no peer`, () => {
    assert.throws(() => trustList(`127.0.0.1,${member}`), {
      message: `${JSON.stringify(member)} is not an address, a range such as 10.0.0.0/8, or the word unix`,
    });
  });
}

test('an IPv4 address in IPv6 clothes is shown plain, any other address as it is', () => {
  assert.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(plainAddress('::ffff:c000:201'), '::ffff:c000:201');
  assert.equal(plainAddress('2001:db8::1'), '2001:db8::1');
  assert.equal(plainAddress('unix'), 'unix');
});
