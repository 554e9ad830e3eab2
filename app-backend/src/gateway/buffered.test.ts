import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf } from '../testing/recording.ts';
import { type BufferedApplication, buffered, type SyncInput } from './buffered.ts';

const body = 'one\ntwo\n\nthree';

for (const [what, read] of [
  ['read()', (input: SyncInput) => [input.read(), input.read()]],
  ['read(n)', (input: SyncInput) => [input.read(5), input.read(-1), input.read(5)]],
  ['readline()', (input: SyncInput) => [input.readline(), input.readline(2), input.readline(), input.readline(0)]],
  ['readlines()', (input: SyncInput) => input.readlines()],
  ['readlines(hint)', (input: SyncInput) => input.readlines(5)],
  ['iteration', (input: SyncInput) => [...input]],
] as const) {
  test(`a plain generator may use ${what}`, async () => {
    const application: BufferedApplication = function* (environ, start) {
      start('200 OK', []);
      yield Buffer.from(JSON.stringify(read(environ['wsgi.input']).map(String)));
    };
    const { text } = await answerOf(buffered(application), {}, Buffer.from(body));
    assert.deepEqual(JSON.parse(text), expected[what]);
  });
}

const expected = {
  'read()': [body, ''],
  'read(n)': ['one\nt', 'wo\n\nthree', ''],
  'readline()': ['one\n', 'tw', 'o\n', ''],
  'readlines()': ['one\n', 'two\n', '\n', 'three'],
  'readlines(hint)': ['one\n', 'two\n'],
  iteration: ['one\n', 'two\n', '\n', 'three'],
};

test('a body beyond the limit is 413, one at the limit is not', async () => {
  const application = buffered((_environ, start) => {
    start('200 OK', []);
    return [];
  }, 4);
  assert.equal((await answerOf(application, {}, Buffer.from('1234'))).status, '200 OK');
  assert.equal((await answerOf(application, {}, Buffer.from('12345'))).failure?.reason, 'body-too-large');
});
