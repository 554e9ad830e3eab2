import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnsafe, outdated } from './invalidation.ts';

const change = (
  fields: string[] = [],
  { method = 'POST', status = 200, host = 'Example.com:80', target = '/a?b' } = {},
) => outdated({ method, status, host, target, fields }).map((resource) => resource.host + resource.path);

for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'M-SEARCH', 'get']) {
  test(`${method} is unsafe, and its success outdates its target`, () => {
    assert.equal(isUnsafe(method), true);
    assert.deepEqual(change([], { method }), ['example.com/a?b']);
  });
}
for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'REPORT', 'SEARCH']) {
  test(`${method} is safe and outdates nothing`, () => assert.deepEqual(change([], { method }), []));
}
for (const [status, count] of [
  [200, 1],
  [303, 1],
  [101, 0],
  [404, 0],
  [500, 0],
] as const) {
  test(`a ${status} outdates ${count}`, () => assert.equal(change([], { status }).length, count));
}

for (const [what, fields, named] of [
  ['a path', ['Location', '/c'], ['example.com/c']],
  ['a relative path', ['Location', 'c/d?e'], ['example.com/c/d?e']],
  ['both fields', ['Location', '/c', 'Content-Location', 'http://example.com/d#x'], ['example.com/c', 'example.com/d']],
  ['the host in other letters', ['Location', 'https://EXAMPLE.com/c'], ['example.com/c']],
  ['another host', ['Location', 'http://other.example/c'], []],
  ['another port', ['Content-Location', 'http://example.com:8080/c'], []],
  ['another scheme', ['Location', 'javascript:alert(1)'], []],
  ['nonsense', ['Location', 'http://[/'], []],
] as const) {
  test(`[case 42] beside its target it outdates ${what} that it names`, () => {
    assert.deepEqual(change([...fields]), ['example.com/a?b', ...named]);
  });
}

test('OPTIONS * and the like outdate nothing', () => {
  assert.deepEqual(change([], { target: '*' }), []);
});
