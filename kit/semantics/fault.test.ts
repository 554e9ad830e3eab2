import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseList } from 'structured-headers';
import { Fault, proxyStatus, type Reason, reasons, toFault } from './fault.ts';

const every = Object.keys(reasons) as Reason[];

const answers: [Reason, status: number, proxyError: string | undefined, retryAfter: number | undefined][] = [
  ['refused', 503, 'connection_refused', 5],
  ['unreachable', 503, 'destination_ip_unroutable', 5],
  ['dns', 503, 'dns_error', 5],
  ['no-worker', 503, 'destination_unavailable', 5],
  ['queue-full', 503, 'connection_limit_reached', 1],
  ['too-many-connections', 503, undefined, 1],
  ['reset-before-head', 502, 'connection_terminated', undefined],
  ['bad-response', 502, 'http_protocol_error', undefined],
  ['timeout-connect', 504, 'connection_timeout', undefined],
  ['timeout-first-byte', 504, 'http_response_timeout', undefined],
  ['timeout-total', 504, 'http_response_timeout', undefined],
  ['timeout-between-bytes', 504, 'connection_read_timeout', undefined],
  ['bad-framing', 400, undefined, undefined],
  ['head-timeout', 408, undefined, undefined],
  ['target-too-long', 414, undefined, undefined],
  ['too-many-fields', 431, undefined, undefined],
  ['client-left', 499, undefined, undefined],
  ['unknown-coding', 501, undefined, undefined],
  ['bad-version', 505, undefined, undefined],
  ['internal', 500, undefined, undefined],
];

for (const [reason, status, proxyError, retryAfterSeconds] of answers) {
  test(`${reason} is answered ${status}`, () => {
    const fault = new Fault(reason, 'x');
    assert.deepEqual(
      [fault.status, fault.proxyError, fault.retryAfterSeconds],
      [status, proxyError, retryAfterSeconds],
    );
  });
}

/** What was intercepted has come, whole and well: another page stands in for it. */
function failedOnItsWay(reason: Reason): boolean {
  return reasons[reason].blame === 'upstream' && reason !== 'intercepted';
}

test('blame, status and error type of every reason agree', () => {
  for (const reason of every) {
    const { blame, status, proxyError } = new Fault(reason, 'x');
    assert.equal(proxyError !== undefined, failedOnItsWay(reason), reason);
    if (blame === 'client') assert.ok(status < 500 || status === 501 || status === 505, reason);
    else assert.ok(status >= 500, reason);
  }
});

test('an explicit status wins and the cause is kept', () => {
  const cause = new Error('ECONNRESET');
  const fault = new Fault('refused', 'x', { status: 502, cause });
  assert.equal(fault.status, 502);
  assert.equal(fault.cause, cause);
});

test('a fault stays itself, anything else thrown becomes internal without its text', () => {
  const fault = new Fault('dns', 'x');
  assert.equal(toFault(fault), fault);
  for (const thrown of [new Error('secret of /etc/passwd'), 'text', undefined]) {
    const { reason, cause, message } = toFault(thrown);
    assert.deepEqual([reason, cause, message], ['internal', thrown, 'unexpected error']);
  }
});

test('Proxy-Status names tier, type and details', () => {
  const fault = new Fault('refused', 'app at 127.0.0.1:8000 refused the connection');
  assert.equal(
    proxyStatus('static-frontend', fault),
    'static-frontend;error=connection_refused;details="app at 127.0.0.1:8000 refused the connection"',
  );
});

test('Proxy-Status is for what failed on its way to the upstream, or from there', () => {
  for (const reason of every) {
    assert.equal(proxyStatus('edge-cache', new Fault(reason, 'x')) !== undefined, failedOnItsWay(reason), reason);
  }
});

test('whatever the message holds, Proxy-Status is a valid list and short', () => {
  for (const message of ['a "quoted" \\ text', 'line\r\nX: 1', 'é 漢 \u{1f600}', '', 'x'.repeat(5000)]) {
    const value = proxyStatus('edge-cache', new Fault('dns', message)) ?? '';
    assert.equal(parseList(value).length, 1);
    assert.ok(value.length < 300);
  }
});

test('Proxy-Status gives no file paths away', () => {
  const fault = new Fault('refused', 'connect ENOENT /run/trivet/app.sock (unix:/run/trivet/app.sock)');
  assert.match(proxyStatus('static-frontend', fault) ?? '', /details="connect ENOENT \.\.\. \(unix:\.\.\.\)"$/);
});
