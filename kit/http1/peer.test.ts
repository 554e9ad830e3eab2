import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { peerOf } from './peer.ts';

describe('a peer', () => {
  const cases: [string, Parameters<typeof peerOf>[0], Parameters<typeof peerOf>[1], ReturnType<typeof peerOf>][] = [
    [
      'is told with address and port',
      { remoteAddress: '192.0.2.1', remotePort: 5 },
      'tcp',
      { address: '192.0.2.1', port: 5 },
    ],
    [
      'keeps its IPv6 address',
      { remoteAddress: '2001:db8::1', remotePort: 5 },
      'tcp',
      { address: '2001:db8::1', port: 5 },
    ],
    [
      'whose IPv4 address came in IPv6 clothes has the IPv4 address',
      { remoteAddress: '::ffff:192.0.2.1', remotePort: 5 },
      'tcp',
      { address: '192.0.2.1', port: 5 },
    ],
    ['on a Unix socket is unix', {}, 'unix', { address: 'unix', port: 0 }],
    ['that reset is unknown, and not unix', {}, 'tcp', { address: 'unknown', port: 0 }],
    [
      'of which a socket that is gone knows nothing is unknown',
      { remoteAddress: undefined, remotePort: undefined },
      'tcp',
      { address: 'unknown', port: 0 },
    ],
  ];
  for (const [what, ends, kind, peer] of cases) {
    test(what, () => assert.deepEqual(peerOf(ends, kind), peer));
  }
});
