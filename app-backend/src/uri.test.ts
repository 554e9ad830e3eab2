import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anEnviron } from './testing/recording.ts';
import { applicationUri, requestUri, shiftPathInfo } from './uri.ts';
import type { Environ } from './wsgi.ts';

// What Python's wsgiref.util.shift_path_info gives.
for (const [script, path, name, scriptAfter, pathAfter] of [
  ['', '/', '', '/', ''],
  ['', '/x', 'x', '/x', ''],
  ['/', '', undefined, '/', ''],
  ['/a', '', undefined, '/a', ''],
  ['/a', '/x/y', 'x', '/a/x', '/y'],
  ['/a', '/x/', 'x', '/a/x', '/'],
  ['/a/b', '/x', 'x', '/a/b/x', ''],
  ['/a/b', '/../y', '..', '/a', '/y'],
  ['', '/../y', '..', '', '/y'],
  ['/a/b', '//y', 'y', '/a/b/y', ''],
  ['/a/b', '//y/', 'y', '/a/b/y', '/'],
  ['/a/b', '/./y', 'y', '/a/b/y', ''],
  ['/a/b', '///./..//y/.//', '..', '/a', '/y/'],
  ['/a/b', '///', '', '/a/b/', ''],
  ['/a/b', '/.//', '', '/a/b/', ''],
  ['/a/b', '/x//', 'x', '/a/b/x', '/'],
  ['/a/b', '/.', undefined, '/a/b', ''],
] as const) {
  test(`shifting ${JSON.stringify([script, path])} gives ${JSON.stringify(name)}`, () => {
    const environ = { SCRIPT_NAME: script, PATH_INFO: path };
    assert.equal(shiftPathInfo(environ), name);
    assert.deepEqual([environ.SCRIPT_NAME, environ.PATH_INFO], [scriptAfter, pathAfter]);
  });
}

// What Python's wsgiref.util.request_uri and application_uri give.
const addresses: readonly (readonly [Partial<Environ>, string, string])[] = [
  [{ HTTP_HOST: 'a:80', PATH_INFO: '/x y' }, 'http://a:80/x%20y', 'http://a:80/'],
  [
    { SERVER_NAME: 'n', SERVER_PORT: '80', SCRIPT_NAME: '/s', PATH_INFO: '/\xe9;a=1,2', QUERY_STRING: 'q=%20' },
    'http://n/s/%E9;a=1,2?q=%20',
    'http://n/s',
  ],
  [{ SERVER_NAME: 'n', SERVER_PORT: '8080', SCRIPT_NAME: '/s', PATH_INFO: '' }, 'http://n:8080/s', 'http://n:8080/s'],
  [{ SERVER_NAME: 'n', SERVER_PORT: '443', PATH_INFO: '' }, 'http://n:443/', 'http://n:443/'],
  [{ SERVER_NAME: 'n', SERVER_PORT: '443', 'wsgi.url_scheme': 'https' }, 'https://n/', 'https://n/'],
];

for (const [differences, request, application] of addresses) {
  test(`the address of a request is put together again: ${request}`, () => {
    const environ = anEnviron(differences);
    if (differences.HTTP_HOST === undefined) delete environ.HTTP_HOST;
    assert.equal(requestUri(environ), request);
    assert.equal(applicationUri(environ), application);
  });
}

test('the query can be left out', () => {
  assert.equal(requestUri(anEnviron({ QUERY_STRING: 'a=b' }), false), 'http://127.0.0.1:8080/');
});
