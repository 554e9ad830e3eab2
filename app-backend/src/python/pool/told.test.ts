import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readFailure, readHello, readPong, readTold } from './told.ts';

for (const [text, told] of [
  ['{"ready": true}', { kind: 'ready' }],
  ['{"failed": {"problems": ["no module"], "code": 78}}', { kind: 'failed', problems: ['no module'], code: 78 }],
  ['{"forked": 3, "pid": 40}', { kind: 'forked', id: 3, pid: 40 }],
  ['{"exited": 3, "code": null, "signal": "SIGKILL"}', { kind: 'exited', id: 3, code: null, signal: 'SIGKILL' }],
  ['{"exited": 3, "code": 0, "signal": null}', { kind: 'exited', id: 3, code: 0, signal: null }],
  ['{"ready": false}', undefined],
  ['{"forked": 3, "pid": 0}', undefined],
  ['{"forked": -1, "pid": 4}', undefined],
  ['{"failed": {"problems": [], "code": 78}}', undefined],
  ['[]', undefined],
  ['ready', undefined],
] as const) {
  test(`the line ${text} of a fork server is ${JSON.stringify(told)}`, () => {
    assert.deepEqual(readTold(text), told);
  });
}

test('a hello says for which worker a connection is, and what', () => {
  assert.deepEqual(readHello('{"token":"t","worker":1,"is":"slot"}'), { token: 't', worker: 1, is: 'slot' });
  for (const text of [
    '{"token":"t","worker":1,"is":"door"}',
    '{"worker":1,"is":"slot"}',
    '{"token":"t","worker":"1","is":"slot"}',
  ]) {
    assert.equal(readHello(text), undefined);
  }
});

test('a failure without reasons is one', () => {
  assert.deepEqual(readFailure('{}'), { problems: ['it does not say why'], code: 1 });
});

test('a pong may tell how much memory there is', () => {
  assert.deepEqual([readPong('{}'), readPong('{"rss": 5}'), readPong('nonsense')], [undefined, 5, undefined]);
});

test('whatever is said, nothing is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const read of [readTold, readHello, readFailure, readPong]) read(text);
    }),
  );
});
