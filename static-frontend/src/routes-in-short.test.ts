import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route } from './define-site.ts';
import { routesInShort } from './routes-in-short.ts';

const table: readonly [route: Route, line: string][] = [
  [{ path: '/a/', files: 'www' }, '/a/: files www'],
  [{ path: '/a', exact: true, returns: 444 }, '= /a: returns 444'],
  [{ path: '/a', exact: false, returns: 204 }, '/a: returns 204'],
  [{ pattern: /^\/a/i, proxy: 'app' }, '/^\\/a/i: proxy app'],
  [{ path: '/a', redirect: '/b' }, '/a: redirect 301 /b'],
  [{ path: '/a', redirect: '/b', status: 308 }, '/a: redirect 308 /b'],
  [{ path: '/', files: '.', otherwise: { file: 'x.html' } }, '/: files ., otherwise file x.html'],
  [{ path: '/', files: '.', otherwise: { returns: 410 } }, '/: files ., otherwise returns 410'],
  [{ path: '/', files: '.', otherwise: { to: '/x/', proxy: 'app' } }, '/: files ., otherwise proxy app'],
  [
    { path: '/', files: '.', limits: ['a'], access: {}, basicAuth: { realm: 'r', users: { ada: 'secret' } } },
    '/ (access, limits, basicAuth): files .',
  ],
  [{ path: '/', proxy: 'app', authRequest: { proxy: 'app', path: '/x' } }, '/ (authRequest): proxy app'],
];

for (const [route, line] of table) test(line, () => assert.deepEqual(routesInShort({ routes: [route] }), [line]));

test('rewrites come before the routes, each in its order', () => {
  const rewrites = [
    { path: '/a/', to: '/b/' },
    { pattern: /^\/c/, to: '/d', last: true },
  ];
  assert.deepEqual(routesInShort({ rewrites, routes: [{ path: '/', files: '.' }] }), [
    ...['/a/ is read as /b/', '/^\\/c/ is read as /d, last', '/: files .'],
  ]);
});
