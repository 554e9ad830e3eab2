import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorMessage } from './error-message.ts';
import { Fault } from './fault.ts';

const base = {
  tier: 'edge-cache',
  requestId: 'id-1',
  accept: undefined,
  own: ['X-Request-Id', 'id-1'],
  now: 0,
} as const;

test('the message is a whole HTTP/1.1 response that closes, its length true', () => {
  const text = errorMessage({ ...base, fault: new Fault('bad-host', 'Host is missing') }).toString('latin1');
  const [head = '', body = ''] = text.split('\r\n\r\n');
  assert.match(head, /^HTTP\/1\.1 400 Bad Request\r\n/);
  for (const line of ['Date: Thu, 01 Jan 1970 00:00:00 GMT', 'Connection: close', 'X-Request-Id: id-1']) {
    assert.ok(head.split('\r\n').includes(line), line);
  }
  assert.equal(Number(/Content-Length: (\d+)/.exec(head)?.[1]), Buffer.byteLength(body));
  assert.match(body, /bad-host/);
  assert.doesNotMatch(head, /Proxy-Status|Retry-After/);
});

test('a fault of the upstream carries Proxy-Status and Retry-After, and the page is JSON for who wants that', () => {
  const fault = new Fault('refused', 'app refused the connection');
  const text = errorMessage({ ...base, fault, accept: 'application/json' }).toString();
  assert.match(text, /^Proxy-Status: edge-cache; ?error=connection_refused/m);
  assert.match(text, /^Retry-After: \d+\r$/m);
  assert.equal(JSON.parse(text.split('\r\n\r\n')[1] ?? '').reason, 'refused');
});
