import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseStart } from './start-response.ts';

const write = () => undefined;
const plain = [['Content-Type', 'text/plain']] as const;

test('the first call keeps the head and gives write', () => {
  const start = new ResponseStart(write);
  assert.equal(start.startResponse('200 OK', plain), write);
  assert.equal(start.head.status, 200);
  assert.equal(start.isSent, false);
});

test('a second call without a failure throws, and the first head stays', () => {
  const start = new ResponseStart(write);
  start.startResponse('200 OK', plain);
  assert.throws(() => start.startResponse('201 Created', plain), /called again/);
  assert.equal(start.head.status, 200);
});

test('a second call throws even if the first was refused', () => {
  const start = new ResponseStart(write);
  assert.throws(() => start.startResponse('200', plain), /status/);
  assert.throws(() => start.startResponse('200 OK', plain), /called again/);
});

test('a call with a failure replaces status and headers that are not sent', () => {
  const start = new ResponseStart(write);
  start.startResponse('200 OK', [['X-First', '1']]);
  start.startResponse('500 Oops', plain, { error: new Error('x') });
  assert.equal(start.head.status, 500);
  assert.deepEqual(start.head.fields, ['Content-Type', 'text/plain']);
});

test('a call with a failure may be the first', () => {
  const start = new ResponseStart(write);
  start.startResponse('500 Oops', plain, { error: undefined });
  assert.equal(start.head.status, 500);
});

test('once the head is sent, a call with a failure throws that very failure', () => {
  const start = new ResponseStart(write);
  start.startResponse('200 OK', plain);
  start.markSent();
  const error = new Error('mine');
  assert.throws(
    () => start.startResponse('500 Oops', plain, { error }),
    (thrown) => thrown === error,
  );
});

test('a thrown undefined is thrown again as such', () => {
  const start = new ResponseStart(write);
  start.startResponse('200 OK', plain);
  start.markSent();
  let thrown: unknown = 'nothing';
  try {
    start.startResponse('500 Oops', plain, { error: undefined });
  } catch (error) {
    thrown = error;
  }
  assert.equal(thrown, undefined);
});

test('a refused head is no head, also for an application that ignores the refusal', () => {
  const start = new ResponseStart(write);
  assert.throws(() => start.startResponse('200 OK\r\nX: y', plain));
  assert.throws(() => start.head, /three digits/);
});

test('without any call there is no head', () => {
  assert.throws(() => new ResponseStart(write).head, /was not called/);
});

test('after the exchange a call throws', () => {
  const start = new ResponseStart(write);
  start.end();
  assert.throws(() => start.startResponse('200 OK', plain), /over/);
});
