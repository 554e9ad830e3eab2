import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../semantics/fault.ts';
import { faultAnswer } from './fault-answer.ts';

test('the answer is whole: status line, length, page, and an end of the connection', () => {
  const fault = new Fault('refused', 'app-backend refused');
  const answer = faultAnswer('static-frontend', { id: 'r1', fields: ['Accept', 'application/json'] }, fault, [
    'Via',
    '1.1 a',
  ]);
  const [head = '', body = ''] = answer.toString('latin1').split('\r\n\r\n');
  assert.match(head, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
  assert.match(head, /^Connection: close\r$/m);
  assert.match(head, /^Via: 1\.1 a\r$/m);
  assert.match(head, /^Retry-After: 5$/m);
  assert.match(head, /^Proxy-Status: static-frontend;error=connection_refused;details="app-backend refused"\r$/m);
  assert.match(head, new RegExp(`^Content-Length: ${body.length}\r$`, 'm'));
  assert.equal(JSON.parse(body).requestId, 'r1');
});

test('a client that asked wrongly hears nothing of an upstream', () => {
  const answer = faultAnswer('edge-cache', { id: 'r1', fields: [] }, new Fault('bad-framing', 'no body'), []);
  assert.doesNotMatch(answer.toString('latin1'), /Proxy-Status|Retry-After/);
});
