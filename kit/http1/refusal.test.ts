import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Fault } from '../semantics/fault.ts';
import type { RawHeadSoFar } from './head-watch.ts';
import { judgeParserError, type ParserError, refusalBytes } from './refusal.ts';

const usual = {
  limits: { maxTarget: 20, maxHead: 100, maxFields: 5 },
  head: undefined as RawHeadSoFar | undefined,
  hasSpoken: true,
  isInBody: false,
};

const judged: readonly [what: string, error: Omit<ParserError, 'message'>, verdict: string][] = [
  ['a slow head', { code: 'ERR_HTTP_REQUEST_TIMEOUT' }, '408 head-timeout'],
  ['a head that grew without end', { code: 'HPE_HEADER_OVERFLOW' }, '431 head-too-large'],
  ['an unknown version', { code: 'HPE_INVALID_VERSION', reason: 'Invalid HTTP version' }, '505 bad-version'],
  ['no version', { code: 'HPE_INVALID_VERSION', reason: 'Expected SP' }, '400 bad-request'],
  ['HTTP/2', { code: 'HPE_PAUSED_H2_UPGRADE' }, '505 bad-version'],
  ['two lengths', { code: 'HPE_UNEXPECTED_CONTENT_LENGTH' }, '400 bad-framing'],
  ['an unknown method', { code: 'HPE_INVALID_METHOD' }, '400 bad-request'],
  ['a broken socket', { code: 'ECONNRESET' }, 'close: the socket broke'],
  ['an error without a code', {}, 'close: the socket broke'],
  ['bytes behind Connection: close', { code: 'HPE_CLOSED_CONNECTION' }, 'ignore: behind the last request'],
];

const mayBeUnknown = 'the method may be one that nobody knows';
const told = (error: Omit<ParserError, 'message'>, circumstances: Partial<typeof usual> = {}) => {
  const verdict = judgeParserError({ message: 'x', ...error }, { ...usual, ...circumstances });
  if (verdict.verdict !== 'refuse') return `${verdict.verdict}: ${verdict.why}`;
  return `${verdict.fault.status} ${verdict.fault.reason}`;
};

describe('what the parser complains of', () => {
  for (const [what, error, verdict] of judged) {
    test(`${what}: ${verdict}`, () => assert.equal(told(error), verdict));
  }

  const sofar = (line: string, isLineWhole: boolean, bytes = line.length): RawHeadSoFar => {
    return { before: '', line, isLineWhole, isWhole: false, bytes };
  };
  const seen: readonly [what: string, head: RawHeadSoFar, code: string, verdict: string][] = [
    [
      'a target beyond the limit',
      sofar(`GET /${'a'.repeat(20)} HTTP/1.1`, true),
      'HPE_HEADER_OVERFLOW',
      '414 target-too-long',
    ],
    ['an endless target', sofar(`GET /${'a'.repeat(30)}`, false), 'HPE_HEADER_OVERFLOW', '414 target-too-long'],
    ['fields beyond the limit', sofar('GET / HTTP/1.1', true, 101), 'HPE_HEADER_OVERFLOW', '431 head-too-large'],
    ['an unknown method', sofar('BREW / HTTP/1.1', true), 'HPE_INVALID_METHOD', '501 unknown-method'],
    ['a method of RTSP', sofar('DESCRIBE / HTTP/1.1', true), 'HPE_INVALID_METHOD', '501 unknown-method'],
    ['an unknown method without a version', sofar('BREW /', true), 'HPE_INVALID_METHOD', '400 bad-request'],
    ['an unknown method, two blanks', sofar('BREW  / HTTP/1.1', true), 'HPE_INVALID_METHOD', '400 bad-request'],
    ['a method in small letters', sofar('brew / HTTP/1.1', true), 'HPE_INVALID_METHOD', '400 bad-request'],
    ['a known method', sofar('GET / HTTP/1.1', true), 'HPE_INVALID_HEADER_TOKEN', '400 bad-request'],
    ['a word alone', sofar('NONSENSE', true), 'HPE_INVALID_METHOD', '400 bad-request'],
    ['a word in capitals', sofar('BR', false), 'HPE_INVALID_METHOD', `wait: ${mayBeUnknown}`],
    ['one and half a version', sofar('BREW / HTT', false), 'HPE_INVALID_METHOD', `wait: ${mayBeUnknown}`],
    ['one and another version', sofar('BREW / HTTQ', false), 'HPE_INVALID_METHOD', '400 bad-request'],
    ['the preface of HTTP/2', sofar('PRI * HTTP/2.0', true), 'HPE_PAUSED_H2_UPGRADE', '505 bad-version'],
  ];
  for (const [what, head, code, verdict] of seen) {
    test(`${what} has come: ${verdict}`, () => assert.equal(told({ code }, { head }), verdict));
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
