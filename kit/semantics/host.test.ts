import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalHost, parseAuthority } from './host.ts';

const character = fc.nat(0x17f).map((code) => String.fromCharCode(code));
describe('valid authorities', () => {
  const table: [text: string, host: string, port: number | undefined][] = [
    ['example.com', 'example.com', undefined],
    ['Example.COM', 'example.com', undefined],
    ['example.com.', 'example.com.', undefined],
    ['example.com:8080', 'example.com', 8080],
    ['example.com:', 'example.com', undefined],
    ['example.com:0', 'example.com', 0],
    ['example.com:65535', 'example.com', 65535],
    ['example.com:00080', 'example.com', 80],
    ['localhost', 'localhost', undefined],
    ['my_service:80', 'my_service', 80],
    ['a-b.c~d', 'a-b.c~d', undefined],
    ["!$&'()*+,;=", "!$&'()*+,;=", undefined],
    ['ex%C3%A4mple.com', 'ex%c3%a4mple.com', undefined],
    ['127.0.0.1:80', '127.0.0.1', 80],
    ['999.0.0.1', '999.0.0.1', undefined],
    ['[::1]', '[::1]', undefined],
    ['[::1]:8080', '[::1]', 8080],
    ['[::1]:', '[::1]', undefined],
    ['[2001:DB8::1]', '[2001:db8::1]', undefined],
    ['[::ffff:127.0.0.1]:80', '[::ffff:127.0.0.1]', 80],
  ];
  for (const [text, host, port] of table) {
    test(`${text} is ${host} with port ${port}`, () => assert.deepEqual(parseAuthority(text), { host, port }));
  }
});

describe('what is no authority', () => {
  const table = [
    '',
    ':',
    ':80',
    'a/b',
    'user@host',
    'user:secret@host',
    '@',
    'a b',
    ' a',
    'a ',
    'a\t',
    'a\0',
    'a\n',
    'a\r\nX: 1',
    'a\u007f',
    'é.example',
    'a.example, b.example',
    'a?b',
    'a#b',
    'a\\b',
    'a"b',
    '<a>',
    'a|b',
    'a^b',
    '{a}',
    '%',
    '%4',
    '%zz',
    'a%2',
    'a:b',
    'a:80:80',
    'a:-1',
    'a:+1',
    'a: 80',
    'a:80 ',
    'a:65536',
    'a:99999999999999999999',
    'a:0x50',
    'a:8e1',
    'a:٨٠',
    'http://a',
    '::1',
    '[]',
    '[',
    ']',
    '[::1',
    '::1]',
    '[::1]a',
    'a[::1]',
    '[::1]80',
    '[[::1]]',
    '[::1%25eth0]',
    '[::1%eth0]',
    '[v1.a]',
    '[127.0.0.1]',
    '[:]',
    '[:::]',
    '[::::]',
    '[1::2::3]',
    '[1:2:3:4:5:6:7]',
    '[1:2:3:4:5:6:7:8:9]',
    '[1:2:3:4:5:6:7:8::]',
    '[12345::]',
    '[g::]',
    '[::1.2.3]',
    '[::256.0.0.1]',
    '[::01.2.3.4]',
    '[1.2.3.4::]',
    '[1:2:3:4:5:6:7:1.2.3.4]',
  ];
  for (const text of table) {
    test(`${JSON.stringify(text)} is none`, () => assert.equal(parseAuthority(text), undefined));
  }
});

describe('canonicalHost', () => {
  const table = [
    ['Example.COM', 'example.com'],
    ['example.com:80', 'example.com'],
    ['example.com:443', 'example.com'],
    ['example.com:', 'example.com'],
    ['example.com:080', 'example.com'],
    ['example.com:8080', 'example.com:8080'],
    ['example.com:08080', 'example.com:8080'],
    ['example.com:180', 'example.com:180'],
    ['[::A]:80', '[::a]'],
    ['[::80]', '[::80]'],
    ['[::a]:81', '[::a]:81'],
    ['A/B:80', 'a/b:80'],
    ['', ''],
  ] as const;
  for (const [text, expected] of table) {
    test(`${text || 'an empty host'} is spelled ${expected || 'empty'}`, () =>
      assert.equal(canonicalHost(text), expected));
  }
});

const addressNoise = fc.string({ unit: fc.constantFrom(...'01af:::.'), maxLength: 14 });
const almostAddress = fc
  .tuple(fc.ipV6(), fc.nat(40), fc.constantFrom('', ':', '::', '0', '.1', 'f'))
  .map(([address, at, extra]) => address.slice(0, at) + extra + address.slice(at));

test('bracketed addresses are those that node:net takes for IPv6', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV6(), almostAddress, addressNoise), (address) => {
      assert.equal(parseAuthority(`[${address}]`) !== undefined, isIPv6(address), address);
    }),
    { numRuns: 500 },
  );
});

test('a host and a port are read back, and the canonical spelling stays as it is', () => {
  const host = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().map((address) => `[${address}]`),
  );
  fc.assert(
    fc.property(host, fc.nat(65535), (host, port) => {
      assert.deepEqual(parseAuthority(`${host}:${port}`), { host: host.toLowerCase(), port });
      const canonical = canonicalHost(`${host}:${port}`);
      assert.equal(canonicalHost(canonical), canonical);
    }),
  );
});

test('no string makes the host parser throw', () => {
  const noise = fc.string({
    unit: fc.oneof(fc.constantFrom(...'a1.:[]%@/'), character),
  });
  fc.assert(
    fc.property(noise, (text) => {
      const authority = parseAuthority(text);
      assert.doesNotMatch(authority?.host ?? '', /[/@\s]/);
      assert.equal(canonicalHost(canonicalHost(text)), canonicalHost(text));
    }),
    { numRuns: 300 },
  );
});
