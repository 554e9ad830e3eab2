import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf, PythonError } from './application-failure.ts';

const failure = (told: unknown) => failureOf(Buffer.from(JSON.stringify(told)));

test('what was raised in the application is the cause of the fault, its traceback the stack', () => {
  const fault = failure({ kind: 'ValueError', message: 'ValueError: größe', trace: 'Traceback: …' });
  assert.deepEqual([fault?.reason, fault?.message], ['internal', 'the application failed']);
  assert.ok(fault?.cause instanceof PythonError);
  const { name, message, stack } = fault.cause;
  assert.deepEqual([name, message, stack], ['PythonError', 'ValueError: größe', 'Traceback: …']);
});

test('who breaks the rules of WSGI is told so, and the client nothing of what was raised', () => {
  const fault = failure({ kind: 'violation', message: 'secret', trace: 'secret' });
  assert.equal(fault?.message, 'the application broke the rules of WSGI');
});

for (const trace of [undefined, '', 7]) {
  test(`without a traceback (${JSON.stringify(trace)}) the error has a stack of its own`, () => {
    const cause = failure({ kind: 'E', message: 'm', trace })?.cause;
    assert.ok(cause instanceof PythonError);
    assert.match(cause.stack ?? '', /application-failure/);
  });
}

for (const payload of [
  '',
  '{',
  'null',
  '"text"',
  '7',
  '[]',
  '{}',
  '{"kind":"E"}',
  '{"message":"m"}',
  '{"kind":1,"message":"m"}',
  '{"kind":"E","message":null}',
]) {
  test(`${payload || 'nothing'} tells of no fault`, () => assert.equal(failureOf(Buffer.from(payload)), undefined));
}
