import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf } from '../testing/recording.ts';
import type { Application } from '../wsgi.ts';
import { dispatch } from './dispatch.ts';

const named =
  (name: string): Application =>
  (environ, start) => {
    start('200 OK', []);
    return [Buffer.from(JSON.stringify([name, environ.SCRIPT_NAME, environ.PATH_INFO]))];
  };
const application = dispatch(
  { '/a': named('a'), '/a/b': named('b'), '/m/n/': named('mount'), '/m/n/o/': named('deep') },
  named('none'),
);

for (const [path, name, script, rest] of [
  ['/a', 'a', '', '/a'],
  ['/a/x', 'a', '', '/a/x'],
  ['/a/b', 'b', '', '/a/b'],
  ['/ab', 'none', '', '/ab'],
  ['/m/n/', 'mount', '/m/n', '/'],
  ['/m/n/x/y', 'mount', '/m/n', '/x/y'],
  ['/m/n', 'none', '', '/m/n'],
  ['/m/n/o/', 'deep', '/m/n/o', '/'],
  ['', 'none', '', ''],
] as const) {
  test(`${JSON.stringify(path)} is for ${name}, which sees ${JSON.stringify([script, rest])}`, async () => {
    const { text } = await answerOf(application, { PATH_INFO: path });
    assert.deepEqual(JSON.parse(text), [name, script, rest]);
  });
}

test('the environ of a mounted application is its own', async () => {
  const environs: string[] = [];
  const outer: Application = (environ, start) => {
    const body = application(environ, start);
    environs.push(environ.SCRIPT_NAME, environ.PATH_INFO);
    return body;
  };
  await answerOf(outer, { PATH_INFO: '/m/n/x' });
  assert.deepEqual(environs, ['', '/m/n/x']);
});
