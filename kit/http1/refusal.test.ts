import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Fault } from '../semantics/fault.ts';
import { judgeParserError, type ParserError, refusalBytes } from './refusal.ts';

const usual = { maxTarget: 20, hasSpoken: true, isInBody: false };
const packet = (text: string) => Buffer.from(text, 'latin1');

const judged: readonly [what: string, error: Omit<ParserError, 'message'>, verdict: string][] = [
  ['a slow head', { code: 'ERR_HTTP_REQUEST_TIMEOUT' }, '408 head-timeout'],
  ['an endless target', { code: 'HPE_HEADER_OVERFLOW', rawPacket: packet('GET /aaaaaa') }, '414 target-too-long'],
  [
    'a target beyond the limit',
    { code: 'HPE_HEADER_OVERFLOW', rawPacket: packet('GET /aaaaaaaaaaaaaaaaaaa HTTP/1.1\r\n') },
    '414 target-too-long',
  ],
  [
    'fields beyond the limit',
    { code: 'HPE_HEADER_OVERFLOW', rawPacket: packet('GET / HTTP/1.1\r\nX: aaa') },
    '431 head-too-large',
  ],
  ['an unknown version', { code: 'HPE_INVALID_VERSION', reason: 'Invalid HTTP version' }, '505 bad-version'],
  ['no version', { code: 'HPE_INVALID_VERSION', reason: 'Expected SP' }, '400 bad-request'],
  ['HTTP/2', { code: 'HPE_PAUSED_H2_UPGRADE' }, '505 bad-version'],
  ['two lengths', { code: 'HPE_UNEXPECTED_CONTENT_LENGTH' }, '400 bad-framing'],
  ['an unknown method', { code: 'HPE_INVALID_METHOD' }, '400 bad-request'],
  ['a broken socket', { code: 'ECONNRESET' }, 'close: the socket broke'],
  ['an error without a code', {}, 'close: the socket broke'],
  ['bytes behind Connection: close', { code: 'HPE_CLOSED_CONNECTION' }, 'ignore: behind the last request'],
];

const told = (error: Omit<ParserError, 'message'>, circumstances: Partial<typeof usual> = {}) => {
  const verdict = judgeParserError({ message: 'x', ...error }, { ...usual, ...circumstances });
  if (verdict.verdict !== 'refuse') return `${verdict.verdict}: ${verdict.why}`;
  return `${verdict.fault.status} ${verdict.fault.reason}`;
};

describe('what the parser complains of', () => {
  for (const [what, error, verdict] of judged) {
    test(`${what}: ${verdict}`, () => assert.equal(told(error), verdict));
  }

  test('inside a body is a matter of framing, whatever it is', () => {
    for (const code of ['HPE_INVALID_CONSTANT', 'HPE_HEADER_OVERFLOW', 'HPE_STRICT']) {
      assert.equal(told({ code }, { isInBody: true }), '400 bad-framing');
    }
    assert.equal(told({ code: 'ECONNRESET' }, { isInBody: true }), 'close: the socket broke');
  });

  test('about a connection on which nothing ever came is answered by closing it', () => {
    assert.equal(told({ code: 'ERR_HTTP_REQUEST_TIMEOUT' }, { hasSpoken: false }), 'close: nothing was ever sent');
  });
});

test('a refusal is a whole answer that closes', () => {
  const fault = new Fault('too-many-connections', 'all 7 connections are in use');
  const text = refusalBytes('edge-cache', fault, 'id7', Date.UTC(2026, 0, 2, 3, 4, 5)).toString('latin1');
  const [head = '', body = ''] = text.split('\r\n\r\n');
  assert.deepEqual(head.split('\r\n').slice(0, 5), [
    'HTTP/1.1 503 Service Unavailable',
    'Date: Fri, 02 Jan 2026 03:04:05 GMT',
    'Connection: close',
    'X-Request-Id: id7',
    'Retry-After: 1',
  ]);
  assert.match(head, new RegExp(`^Content-Length: ${Buffer.byteLength(body)}$`, 'm'));
  assert.match(body, /too-many-connections[\s\S]*id7/);
});
