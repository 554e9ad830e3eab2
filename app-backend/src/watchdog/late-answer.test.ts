import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerTo } from './late-answer.ts';

test('a late answer is a whole 504 of the length that it says, which ends the connection', () => {
  const [head = '', body = ''] = answerTo({ id: 'id-7', isHead: false }, 300).split('\r\n\r\n');
  assert.match(head, /^HTTP\/1\.1 504 Gateway Timeout\r\n/);
  for (const line of ['X-Request-Id: id-7', 'Connection: close', `Content-Length: ${body.length}`]) {
    assert.ok(head.split('\r\n').includes(line), line);
  }
  assert.match(head, /\r\nProxy-Status: app-backend;error=http_response_timeout/);
  assert.match(body, /300ms[\s\S]*id-7|id-7[\s\S]*300ms/);
});

test('to HEAD it is the same head and no body', () => {
  const [whole, head] = [false, true].map((isHead) => answerTo({ id: 'a', isHead }, 300));
  assert.equal(head, `${whole?.split('\r\n\r\n')[0]}\r\n\r\n`);
});
