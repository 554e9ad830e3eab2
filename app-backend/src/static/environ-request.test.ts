import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anEnviron } from '../testing/recording.ts';
import { fieldsOf, mayBeUnder, pathOf, requestOf } from './environ-request.ts';

test('a request is what its environ says', () => {
  const environ = anEnviron({
    REQUEST_METHOD: 'HEAD',
    SCRIPT_NAME: '/\u00c3\u00a9',
    QUERY_STRING: 'a=1',
    HTTP_RANGE: 'x',
  });
  environ['trivet.request_id'] = 'id';
  const expected = {
    method: 'HEAD',
    path: '/p',
    opaque: true,
    query: 'a=1',
    base: '/é',
    fields: ['range', 'x'],
    id: 'id',
  };
  assert.deepEqual(requestOf(environ, { path: '/p', opaque: true }), expected);
});

test('an empty query is none, and an id need not be there', () => {
  const environ = anEnviron({ QUERY_STRING: '' });
  delete environ['trivet.request_id'];
  const { query, id, base } = requestOf(environ, { path: '/', opaque: false });
  assert.deepEqual([query, id, base], [undefined, '', '']);
});

test('the path is the client’s spelling, normalised', () => {
  const environ = anEnviron({ PATH_INFO: '/b/../a b', RAW_URI: '/b/../a%20b?x' });
  assert.partialDeepStrictEqual(pathOf(environ), { path: '/a b' });
});

for (const [path, isSo] of [
  ['/static/a', true],
  ['/static', false],
  ['/a/static/', false],
  ['/a/../static/b', true],
  ['//static/b', true],
  ['/a.b/c', false],
] as const) {
  test(`${path} may be under /static/: ${isSo}`, () => assert.equal(mayBeUnder('/static/', path), isSo));
}

test('of the fields only those that a file’s answer depends on are taken, also where they are empty', () => {
  const environ = anEnviron({ HTTP_IF_NONE_MATCH: '"a"', HTTP_ACCEPT: '', HTTP_COOKIE: 'x', HTTP_HOST: 'h' });
  const fields = fieldsOf(environ);
  assert.deepEqual(fields, ['accept', '', 'if-none-match', '"a"']);
});
