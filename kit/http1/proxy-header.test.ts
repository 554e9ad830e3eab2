import assert from 'node:assert/strict';
import { SocketAddress } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { proxyBinary, proxyBlock, proxyLine } from '../testing/proxy-headers.ts';
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts';

const line = (text: string) => Buffer.from(text, 'latin1');
const from = (address: string, port: number) => ({ kind: 'address', address, port });
const local = { kind: 'local' };
const unknown = { kind: 'unknown' };
const v4 = Buffer.from([192, 0, 2, 1]);
const v6 = Buffer.from('20010db8000000000000000000000001', 'hex');
const longUnknown = `PROXY UNKNOWN ${'f'.repeat(39)} ${'f'.repeat(39)} 65535 65535\r\n`;

const good: readonly [what: string, bytes: Buffer, said: object][] = [
  ['TCP4', line('PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n'), from('192.0.2.1', 56324)],
  [
    'TCP4, the longest',
    line('PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n'),
    from('255.255.255.255', 65535),
  ],
  ['TCP6', line('PROXY TCP6 2001:DB8:0:0::1 ::1 1 0\r\n'), from('2001:db8::1', 1)],
  [
    'TCP6, the longest',
    line(`PROXY TCP6 ${'ffff:'.repeat(8).slice(0, -1)} ::1 65535 65535\r\n`),
    from('ffff:'.repeat(8).slice(0, -1), 65535),
  ],
  ['UNKNOWN', line('PROXY UNKNOWN\r\n'), unknown],
  ['UNKNOWN, the longest', line(longUnknown), unknown],
  ['UNKNOWN with a stray line feed', line('PROXY UNKNOWN a\nb\r\n'), unknown],
  ['version 2, TCP over IPv4', proxyBinary(v4, 56324), from('192.0.2.1', 56324)],
  ['version 2, TCP over IPv6', proxyBinary(v6, 80), from('2001:db8::1', 80)],
  ['version 2, UDP over IPv4', proxyBlock(0x12, Buffer.from([...v4, ...v4, 1, 0, 0, 80])), from('192.0.2.1', 256)],
  ['version 2 with notes', proxyBinary(v4, 1, Buffer.from([3, 0, 1, 9])), from('192.0.2.1', 1)],
  ['version 2 of the most bytes', proxyBinary(v4, 1, Buffer.alloc(4096 - 12)), from('192.0.2.1', 1)],
  ['version 2, a Unix socket', proxyBlock(0x31, Buffer.alloc(216, 'a')), from('unix', 0)],
  ['version 2, LOCAL', proxyBlock(0, Buffer.alloc(0), 0x20), local],
  ['version 2, LOCAL with what means nothing', proxyBlock(0xff, Buffer.alloc(7), 0x20), local],
  ['version 2, PROXY of nobody', proxyBlock(0, Buffer.alloc(0)), unknown],
  ['version 2, PROXY of an unknown transport', proxyBlock(0x10, Buffer.alloc(2)), unknown],
];

const bad: readonly [what: string, bytes: Buffer, why: RegExp][] = [
  ['a request', line('GET / HTTP/1.1\r\n'), /neither version/],
  ['its first byte', line('G'), /neither version/],
  ['a greeting of TLS', line('\x16\x03\x01'), /neither version/],
  ['lower case', line('proxy '), /neither version/],
  ['a tab', line('PROXY\t'), /neither version/],
  ['a protocol that is none', line('PROXY TCP5 192.0.2.1 192.0.2.1 1 1\r\n'), /its protocol/],
  ['no protocol', line('PROXY \r\n'), /its protocol/],
  ['two blanks', line('PROXY  TCP4 192.0.2.1 192.0.2.1 1 1\r\n'), /its protocol/],
  ['two blanks behind', line('PROXY TCP4  192.0.2.1 192.0.2.1 1 1\r\n'), /two addresses/],
  ['a blank at the end', line('PROXY TCP4 192.0.2.1 192.0.2.1 1 1 \r\n'), /two addresses/],
  ['a field too few', line('PROXY TCP4 192.0.2.1 192.0.2.1 1\r\n'), /two addresses/],
  ['a name for an address', line('PROXY TCP4 localhost 192.0.2.1 1 1\r\n'), /an address/],
  ['an address of the other protocol', line('PROXY TCP4 ::1 ::1 1 1\r\n'), /an address/],
  ['IPv4 in TCP6', line('PROXY TCP6 192.0.2.1 192.0.2.1 1 1\r\n'), /an address/],
  ['leading zeros', line('PROXY TCP4 192.0.02.1 192.0.2.1 1 1\r\n'), /an address/],
  ['a zone', line('PROXY TCP6 fe80::1%eth0 ::1 1 1\r\n'), /an address/],
  ['a target that is no address', line('PROXY TCP4 192.0.2.1 x 1 1\r\n'), /an address/],
  ['a port too great', line('PROXY TCP4 192.0.2.1 192.0.2.1 65536 1\r\n'), /a port/],
  ['a port with a sign', line('PROXY TCP4 192.0.2.1 192.0.2.1 +1 1\r\n'), /a port/],
  ['a target port that is none', line('PROXY TCP4 192.0.2.1 192.0.2.1 1 x\r\n'), /a port/],
  ['a bare line feed', line(`PROXY TCP4 192.0.2.1 192.0.2.1 1 1\nGET / HTTP/1.1\r\n`), /two addresses|a port/],
  ['a line without an end', line(`PROXY UNKNOWN ${'a'.repeat(93)}`), /107 bytes/],
  ['an end one byte too late', line(`PROXY UNKNOWN ${'a'.repeat(92)}\r\n`), /107 bytes/],
  ['version 1 in binary', proxyBlock(0x11, Buffer.alloc(12), 0x11), /its version is 1/],
  ['version 3', proxyBlock(0x11, Buffer.alloc(12), 0x31), /its version is 3/],
  ['an unknown command', proxyBlock(0x11, Buffer.alloc(12), 0x22), /its command is 2/],
  ['an unknown family', proxyBlock(0x41, Buffer.alloc(216)), /its protocol is 0x41/],
  ['an unknown transport', proxyBlock(0x13, Buffer.alloc(216)), /its protocol is 0x13/],
  ['no room for IPv4', proxyBlock(0x11, Buffer.alloc(11)), /no room/],
  ['no room for IPv6', proxyBlock(0x21, Buffer.alloc(35)), /no room/],
  ['no room for Unix', proxyBlock(0x31, Buffer.alloc(215)), /no room/],
  ['more than is read', proxyBlock(0x11, Buffer.alloc(4097)), /more than 4096/],
];

describe('a PROXY header', () => {
  for (const [what, bytes, said] of good) {
    test(`that is whole is read, and ends where it ends: ${what}`, () => {
      const expected = { ...said, length: bytes.length };
      assert.deepEqual(readProxyHeader(bytes), expected);
      assert.deepEqual(readProxyHeader(Buffer.concat([bytes, line('GET / HTTP/1.1\r\n\r\n')])), expected);
    });

    test(`of which a part has come wants more: ${what}`, () => {
      for (let at = 0; at < bytes.length; at++) {
        assert.deepEqual(readProxyHeader(bytes.subarray(0, at)), { kind: 'more' }, `${at} bytes`);
      }
    });
  }

  for (const [what, bytes, why] of bad) {
    test(`is refused: ${what}`, () => {
      const header = readProxyHeader(bytes);
      assert.equal(header.kind, 'bad');
      assert.match(header.kind === 'bad' ? header.why : '', why);
    });
  }

  test('in binary is refused by the first byte that is wrong', () => {
    for (const [byte, at] of [
      [0x11, 12],
      [0x41, 13],
    ] as const) {
      const bytes = proxyBinary(v4, 1).subarray(0, at + 1);
      bytes[at] = byte;
      assert.equal(readProxyHeader(bytes).kind, 'bad');
    }
  });
});

describe('whatever an address is', () => {
  const ports = fc.nat(65_535);

  test('it comes back from both versions', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 })),
        ports,
        (bytes, port) => {
          const address = textOf(bytes);
          for (const header of [proxyLine({ address, port }), proxyBinary(bytes, port)]) {
            assert.deepEqual(readProxyHeader(header), { ...from(address, port), length: header.length });
          }
        },
      ),
    );
  });
});

/** Written by somebody else than what is tested. */
function textOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const hex = Buffer.from(bytes).toString('hex').match(/.{4}/g)?.join(':') ?? '';
  return new SocketAddress({ address: hex, family: 'ipv6' }).address;
}

describe('whatever bytes come', () => {
  /** Headers, with something cut out, put in, or changed; and noise. */
  const headers = [...good, ...bad].map(([, bytes]) => bytes);
  const mangled = fc
    .tuple(fc.constantFrom(...headers), fc.nat(300), fc.nat(3), fc.uint8Array({ maxLength: 4 }))
    .map(([bytes, at, cut, put]) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]));
  const any = fc.oneof(
    mangled,
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  );

  test('they have a meaning, and the bytes behind a header do not change it', () => {
    fc.assert(
      fc.property(any, fc.uint8Array(), (bytes, rest) => {
        const header = readProxyHeader(bytes);
        if (header.kind === 'more') return;
        assert.deepEqual(readProxyHeader(Buffer.concat([bytes, rest])), header);
        if ('length' in header) assert.ok(header.length > 0 && header.length <= bytes.length);
      }),
      { numRuns: 5_000 },
    );
  });

  test('a part of a header is the beginning of it, and is never read as another', () => {
    fc.assert(
      fc.property(any, fc.nat(400), (bytes, at) => {
        const part: ProxyHeader = readProxyHeader(bytes.subarray(0, at));
        const whole = readProxyHeader(bytes);
        if (part.kind !== 'more') assert.deepEqual(whole, part);
        if (part.kind === 'more' && 'length' in whole) assert.ok(whole.length > Math.min(at, bytes.length));
      }),
      { numRuns: 5_000 },
    );
  });

  test('no more than 4112 bytes are ever waited for', () => {
    fc.assert(
      fc.property(fc.constantFrom(...headers), fc.nat(4_000), (bytes, some) => {
        const long = Buffer.concat([bytes, Buffer.alloc(4112 + some)]);
        assert.notEqual(readProxyHeader(long).kind, 'more');
      }),
    );
  });
});
