import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Fault } from '../semantics/fault.ts';
import { failedToConnect, upstreamFault } from './upstream-fault.ts';

const address = { kind: 'tcp', host: '::1', port: 8000 } as const;
const errorOf = (code: string, message = 'why') => Object.assign(new Error(message), { code });

const cases = [
  // code, while connecting or dialling, once the request was on its way, inside the answer
  ['ECONNREFUSED', 'refused', 'reset-before-head', 'reset-mid-body'],
  ['ENOENT', 'refused', 'reset-before-head', 'reset-mid-body'],
  ['EAGAIN', 'refused', 'reset-before-head', 'reset-mid-body'],
  ['EHOSTUNREACH', 'unreachable', 'reset-before-head', 'reset-mid-body'],
  ['ETIMEDOUT', 'timeout-connect', 'reset-before-head', 'reset-mid-body'],
  ['ENOTFOUND', 'dns', 'reset-before-head', 'reset-mid-body'],
  ['EAI_FAIL', 'dns', 'reset-before-head', 'reset-mid-body'],
  ['ECONNRESET', 'reset-before-head', 'reset-before-head', 'reset-mid-body'],
  ['EPIPE', 'reset-before-head', 'reset-before-head', 'reset-mid-body'],
  ['UND_ERR_SOCKET', 'reset-before-head', 'reset-before-head', 'reset-mid-body'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timeout-first-byte', 'timeout-first-byte', 'timeout-first-byte'],
  ['UND_ERR_BODY_TIMEOUT', 'timeout-between-bytes', 'timeout-between-bytes', 'timeout-between-bytes'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'bad-response', 'bad-response', 'reset-mid-body'],
  ['HPE_INVALID_CONSTANT', 'bad-response', 'bad-response', 'reset-mid-body'],
  ['EMFILE', 'internal', 'internal', 'internal'],
  ['UND_ERR_INVALID_ARG', 'internal', 'internal', 'internal'],
] as const;

for (const [code, ...reasons] of cases) {
  test(`${code} is ${reasons.join(', ')}, by how far the exchange had come`, () => {
    const told = (['before-head', 'sent', 'mid-body'] as const).map(
      (phase) => upstreamFault(errorOf(code), 'app', address, phase).reason,
    );
    assert.deepEqual(told, reasons);
  });
}

describe('a fault of the next hop', () => {
  test('says who and what, and keeps the cause', () => {
    const cause = errorOf('ECONNREFUSED');
    const fault = upstreamFault(cause, 'app', address, 'before-head');
    assert.equal(fault.message, 'app at [::1]:8000 refused the connection');
    assert.equal(fault.cause, cause);
  });

  test('that is one already stays what it is', () => {
    const fault = new Fault('body-too-large', 'x');
    assert.equal(upstreamFault(fault, 'app', address, 'sent'), fault);
  });

  for (const message of ['bad response', 'bad upgrade']) {
    test(`is a bad response where undici says "${message}"`, () => {
      assert.equal(upstreamFault(errorOf('UND_ERR_SOCKET', message), 'app', address, 'sent').reason, 'bad-response');
    });
  }

  test('is our own where nobody knows it', () => {
    for (const thrown of [new TypeError('x'), 'text', undefined]) {
      assert.equal(upstreamFault(thrown, 'app', address, 'sent').reason, 'internal');
    }
  });

  test('lets another address be tried only where nothing can have been sent', () => {
    for (const [reason, verdict] of [
      ['refused', true],
      ['unreachable', true],
      ['dns', true],
      ['timeout-connect', true],
      ['reset-before-head', false],
      ['timeout-first-byte', false],
      ['internal', false],
    ] as const) {
      assert.equal(failedToConnect(new Fault(reason, 'x')), verdict, reason);
    }
  });
});
