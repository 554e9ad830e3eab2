import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { moved, movesOf } from './moved.ts';

const moves = movesOf({
  location: {
    'http://app:8000/old/': '/new/',
    'http://app:8000/': '/',
    '/internal/': '/',
    'http://cdn:8000/': '//cdn.example/',
  },
  cookies: { domain: { 'app.local': 'example.com', '.gone.local': '' }, path: { '/app/': '/', '/app': '/' } },
});

describe('places are called what clients call them', () => {
  assert.ok(moves);
  for (const [name, value, expected] of [
    ['Location', 'http://app:8000/x?y', '/x?y'],
    ['location', 'http://app:8000/old/x', '/new/x'],
    ['Location', '/internal/x', '/x'],
    ['Location', 'http://app:8000//evil.example/', '/.//evil.example/'],
    ['Location', 'http://app:8000/\\evil.example/', '/./\\evil.example/'],
    ['Location', 'http://app:8000/\t/evil.example/', '/./\t/evil.example/'],
    ['Location', 'http://cdn:8000/x', '//cdn.example/x'],
    ['Refresh', '5; url=http://app:8000//evil.example/', '5; url=/.//evil.example/'],
    ['Location', 'http://app:80000/x', 'http://app:80000/x'],
    ['Location', '/x?to=http://app:8000/', '/x?to=http://app:8000/'],
    ['Content-Location', 'http://app:8000/x', 'http://app:8000/x'],
    ['Refresh', '5; url=http://app:8000/x', '5; url=/x'],
    ['Refresh', "5;URL='http://app:8000/x'", "5;URL='/x'"],
    ['Refresh', '5', '5'],
    ['Set-Cookie', 'a=1; Path=/app/x; Secure', 'a=1; Path=/x; Secure'],
    ['Set-Cookie', 'a=1;path=/app', 'a=1;path=/'],
    ['Set-Cookie', 'a=1; Path=/other', 'a=1; Path=/other'],
    ['Set-Cookie', 'a=1; Domain=.App.Local; HttpOnly', 'a=1; Domain=example.com; HttpOnly'],
    ['Set-Cookie', 'a=1; Domain=sub.app.local', 'a=1; Domain=sub.app.local'],
    ['Set-Cookie', 'a=1; Domain=gone.local; Secure', 'a=1; Secure'],
    ['Set-Cookie', 'path=/app/; Max-Age=1', 'path=/app/; Max-Age=1'],
    ['Set-Cookie', 'domain=app.local', 'domain=app.local'],
    ['X-Location', 'http://app:8000/', 'http://app:8000/'],
  ] as const) {
    test(`${name}: ${value}`, () =>
      assert.deepEqual(moved(['A', 'b', name, value], moves), ['A', 'b', name, expected]));
  }

  test('each cookie on its own line', () => {
    const cookies = ['Set-Cookie', 'a=1; Path=/app/', 'Set-Cookie', 'b=2; Path=/app/b'];
    assert.deepEqual(moved(cookies, moves), ['Set-Cookie', 'a=1; Path=/', 'Set-Cookie', 'b=2; Path=/b']);
  });
});

test('a route that says nothing of it moves nothing', () => {
  assert.equal(movesOf({}), undefined);
  assert.equal(movesOf({ location: {}, cookies: { path: {} } }), undefined);
});
