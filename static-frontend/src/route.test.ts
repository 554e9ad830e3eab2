import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askedPath } from '@trivet/kit/files/asked-path.ts';
import { encodePath } from '@trivet/kit/semantics/path.ts';
import type { Route } from './define-site.ts';
import { route } from './route.ts';

const routes: readonly Route[] = [
  { path: '/old/', redirect: '/new/', status: 308 },
  { path: '/gone/', redirect: '/' },
  { path: '/home', redirect: '/start?from=home', status: 302 },
  { path: '/events', proxy: 'app' },
  { path: '/events/archive', proxy: 'never, the route above wins' },
  { path: '/api/', proxy: 'api', headers: { 'x-a': 'b' } },
  { path: '/docs/', files: 'manual', index: ['start.html'], otherwise: { file: 'docs/404.html' } },
];

const destination = (target: string) => route(routes, askedPath(target));

for (const [target, to] of [
  ['/events', 'proxy'],
  ['/events/', 'proxy'],
  ['/events/archive', 'proxy'],
  ['/eventsx', 'nowhere'],
  ['/%65vents', 'proxy'],
  ['//events', 'proxy'],
  ['/x/../events', 'proxy'],
  ['/api', 'nowhere'],
  ['/api/', 'proxy'],
  ['/api/x', 'proxy'],
  ['/api%2Fx', 'proxy'],
  ['/docs/a', 'files'],
  ['/', 'nowhere'],
] as const) {
  test(`${target} leads to ${to}`, () => assert.equal(destination(target).to, to));
}

for (const [target, status, location] of [
  ['/old/', 308, '/new/'],
  ['/old/a/b?c=d?e', 308, '/new/a/b?c=d?e'],
  ['/old/a%2Fb', 308, '/new/a%2Fb'],
  ['/old/%c3%a9?', 308, '/new/%c3%a9?'],
  ['/%6fld/%c3%a9', 308, '/new/%C3%A9'],
  ['/old//a/./b', 308, '/new/a/b'],
  ['/gone//evil.example/', 301, '/evil.example/'],
  ['/gone/%2F/evil.example/', 301, '/%2F/evil.example/'],
  ['/gone/\\evil.example/', 301, '/%5Cevil.example/'],
  ['/gone/%5Cevil.example/', 301, '/%5Cevil.example/'],
  ['/gone/.%2F/evil.example', 301, '/evil.example'],
  ['/home', 302, '/start?from=home'],
  ['/home/x?q', 302, '/start?from=home'],
] as const) {
  test(`${target} moves to ${location}`, () => {
    assert.partialDeepStrictEqual(destination(target), { to: 'redirect', status, location, headers: {} });
  });
}

test('a route carries its folder, its index files, its fallback and its fields', () => {
  const otherwise = { file: 'docs/404.html' };
  assert.deepEqual(destination('/docs/a'), {
    to: 'files',
    files: { base: '/docs/', folder: 'manual', index: ['start.html'], try: undefined, listing: false, otherwise },
    route: routes[6],
    headers: {},
  });
  const api = { ...routes[5], base: '/api/' };
  assert.deepEqual(destination('/api/x'), { to: 'proxy', ask: api, route: routes[5], headers: { 'x-a': 'b' } });
});

for (const [path, exact, target, isMeant] of [
  ['/a', true, '/a', true],
  ['/a', true, '/a/', false],
  ['/a', true, '/a/b', false],
  ['/', true, '/', true],
  ['/', true, '/a', false],
] as const) {
  test(`exactly ${path} is ${isMeant ? '' : 'not '}${target}`, () => {
    assert.equal(route([{ path, exact, files: '.' }], askedPath(target)).to, isMeant ? 'files' : 'nowhere');
  });
}

for (const [pattern, redirect, target, location] of [
  [/^\/posts\/(\d+)$/, '/articles/$1', '/posts/12', '/articles/12'],
  [/^\/posts\/(\d+)$/, '/articles/$1', '/posts/12?page=2', '/articles/12?page=2'],
  [/^\/u\/(?<name>[^/]+)/, 'https://b.example/$<name>/$$', '/u/%c3%a9%20x', 'https://b.example/%C3%A9%20x/$'],
  [/^\/old(\/.*)?$/, '/new$1', '/old', '/new'],
  [/\.php$/, '/index', '/a/b.php', '/index'],
  [/^\/old(.*)$/, '/$1', '/old/evil.example?q', '/.//evil.example?q'],
] as const) {
  test(`${target} moves to ${location} by the pattern ${pattern}`, () => {
    assert.partialDeepStrictEqual(route([{ pattern, redirect }], askedPath(target)), { to: 'redirect', location });
  });
}

test('a path that goes into a field has nothing in it that could end the field', () => {
  assert.equal(encodePath('/a b/\r\n/é/?#%'), '/a%20b/%0D%0A/%C3%A9/%3F%23%25');
});
