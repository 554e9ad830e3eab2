import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rawExchange } from '../testing/raw-client.ts';
import { testListener } from '../testing/test-listener.ts';
import type { Inbound } from './inbound.ts';

/** The request as a handler sees it. */
async function inboundOf(lines: string, { trusted = false, body = '' } = {}): Promise<Inbound> {
  const seen: Inbound[] = [];
  await using server = await testListener({
    trusted: (address) => trusted && address.startsWith('127.'),
    onRequest: (inbound, response) => {
      seen.push(inbound);
      response.end();
    },
  });
  const [first = '', ...fields] = lines.split('\n');
  const more = first.endsWith('1.1') ? ['Connection: close'] : [];
  await rawExchange(server.port, `${[first, ...fields, ...more].join('\r\n')}\r\n\r\n${body}`);
  const [inbound] = seen;
  assert.ok(inbound);
  return inbound;
}

describe('who sent a request', () => {
  const said = [
    'GET / HTTP/1.1',
    'Host: a',
    'X-Request-Id: theirs',
    'X-Forwarded-For: 192.0.2.1, 127.0.0.9',
    'X-Forwarded-Proto: https',
  ].join('\n');

  test('is who is connected, when the peer is not trusted', async () => {
    const { id, client, scheme, peer } = await inboundOf(said);
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.deepEqual([client, scheme, peer.address, peer.trusted], ['127.0.0.1', 'http', '127.0.0.1', false]);
  });

  test('is whom a trusted peer names, past the trusted hops', async () => {
    const { id, client, scheme, peer } = await inboundOf(said, { trusted: true });
    assert.deepEqual([id, client, scheme, peer.trusted], ['theirs', '192.0.2.1', 'https', true]);
  });

  test('has an id of ours where a trusted peer hands on what is none', async () => {
    const { id } = await inboundOf('GET / HTTP/1.1\nHost: a\nX-Request-Id: a b', { trusted: true });
    assert.match(id, /^[0-9a-f]{32}$/);
  });
});

describe('a request', () => {
  test('keeps its bytes: target, names and values of its fields', async () => {
    const inbound = await inboundOf('GET /%7e?a=%20&& HTTP/1.1\nhOsT: A.b:81\nX-\x27!: \xe9\xff\nx-\x27!: 2');
    assert.equal(inbound.target, '/%7e?a=%20&&');
    assert.equal(inbound.host, 'A.b:81');
    assert.deepEqual(inbound.fields.slice(0, 6), ['hOsT', 'A.b:81', "X-'!", '\xe9\xff', "x-'!", '2']);
  });

  test('of HTTP/1.0 may lack a host', async () => {
    const { host, version } = await inboundOf('GET / HTTP/1.0');
    assert.deepEqual([host, version], ['', '1.0']);
  });

  for (const [what, lines, hasBody, length] of [
    ['none', 'GET / HTTP/1.1\nHost: a', false, undefined],
    ['an announced but empty one', 'POST / HTTP/1.1\nHost: a\nContent-Length: 0', false, 0],
    ['one with a length', 'GET / HTTP/1.1\nHost: a\nContent-Length: 3', true, 3],
    ['a chunked one', 'DELETE / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked', true, undefined],
  ] as const) {
    test(`has a body or not: ${what}`, async () => {
      const inbound = await inboundOf(lines, { body: hasBody ? (length ? 'abc' : '0\r\n\r\n') : '' });
      assert.deepEqual([inbound.body !== undefined, inbound.bodyLength], [hasBody, length]);
    });
  }
});
