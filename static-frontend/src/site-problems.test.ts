import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteProblems } from './site-problems.ts';

const files = { path: '/', files: '.' };
const guarded = (guard: object) => ({ routes: [{ ...files, ...guard }] });
const asking = (name: string) => ({ proxy: 'app', path: '/auth', copy: [name] });
const rewriting = (rewrite: object) => ({ routes: [files], rewrites: [rewrite] });
const limited = (limit: object) => ({ routes: [files], limits: { a: limit } });
const table: readonly [what: string, site: unknown, problem: RegExp | undefined][] = [
  ['no object', [], /a site is an object/],
  ['no routes', {}, /at least one route/],
  ['a route that is no object', { routes: ['/'] }, /routes\[0\]: a route is an object/],
  ['a hole among the routes', { routes: new Array(1) }, /routes\[0\]: a route is an object/],
  ['a hole among the rewrites', { routes: [files], rewrites: new Array(1) }, /rewrites\[0\]: a rewrite is/],
  ['a route without a destination', { routes: [{ path: '/' }] }, /needs one of redirect, proxy, files/],
  ['a route with two destinations', { routes: [{ ...files, proxy: 'app' }] }, /\(proxy\): there is no "files"/],
  ['a missing path', { routes: [{ files: '.' }] }, /routes\[0\]\.path/],
  ['an encoded path', { routes: [{ path: '/%61', proxy: 'app' }] }, /plain, decoded path/],
  ['a path with dot segments', { routes: [{ path: '/a/../b', proxy: 'app' }] }, /plain, decoded path/],
  ['a hidden path', { routes: [{ path: '/.well-known/', proxy: 'app' }] }, undefined],
  ['a redirect to another site by URL', { routes: [{ path: '/a', redirect: 'https://b.example/' }] }, undefined],
  ['a redirect to another scheme', { routes: [{ path: '/a', redirect: 'javascript:x' }] }, /neither a path nor/],
  ['a redirect that backslashes away', { routes: [{ path: '/a', redirect: '/\\evil.example' }] }, /neither a path nor/],
  ['a redirect that splits the head', { routes: [{ path: '/a', redirect: '/b\r\nX: 1' }] }, /percent-encoded/],
  ['an absolute folder', { routes: [{ path: '/', files: '/etc' }] }, /inside FRONT_ROOT/],
  ['no list of index files', { routes: [{ ...files, index: 'index.html' }] }, /list of file names/],
  ['an index file elsewhere', { routes: [{ ...files, index: ['../x'] }] }, /list of file names/],
  ['a fallback file', { routes: [{ ...files, otherwise: { file: 'index.html' } }] }, undefined],
  ['a fallback of two kinds', { routes: [{ ...files, otherwise: { file: 'a', proxy: 'app' } }] }, /otherwise: is \{/],
  ['a field that frames', { routes: [{ ...files, headers: { 'Content-Length': '1' } }] }, /cannot be set/],
  ['a field of the connection', { routes: [{ ...files, headers: { 'Keep-Alive': 'max=1' } }] }, /cannot be set/],
  ['a field with a line end', { routes: [{ ...files, headers: { 'X-A': 'b\nc' } }] }, /not a field value/],
  [
    'a hash by bcrypt',
    guarded({ basicAuth: { realm: 'r', users: { ada: '$2y$05$abc' } } }),
    /ada: is a hash by bcrypt/,
  ],
  ['a password in the clear', guarded({ basicAuth: { realm: 'r', users: { ada: 'secret' } } }), /ada: is no hash/],
  ['a hash', guarded({ basicAuth: { realm: 'r', users: { ada: '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=' } } }), undefined],
  ['a copy of a field that frames', guarded({ authRequest: asking('Content-Length') }), /cannot be copied/],
  ['a copy of a field of the connection', guarded({ authRequest: asking('connection') }), /cannot be copied/],
  ['a copy of who the client is', guarded({ authRequest: asking('X-Forwarded-For') }), /cannot be copied/],
  ['a copy of a user', guarded({ authRequest: asking('X-User') }), undefined],
  ['a turn that is far away', limited({ rate: '1/m', burst: 2, delay: true }), /would wait longer than 60s/],
  ['a turn that comes', limited({ rate: '1/m', burst: 1, delay: true }), undefined],
  ['a file’s own tag', { routes: [{ ...files, headers: { ETag: '"1"' } }] }, /"ETag" is said by whoever has/],
  [
    'a file’s own date',
    { routes: [{ ...files, response: { set: { 'last-modified': 'x' } } }] },
    /set: "last-modified" is/,
  ],
  ['a tag that goes', { routes: [{ ...files, response: { remove: ['etag'] } }] }, undefined],
  ['a removal of framing', { routes: [{ ...files, response: { remove: ['content-length'] } }] }, /cannot be set/],
  [
    'an addition to framing',
    { routes: [{ ...files, response: { add: { 'Transfer-Encoding': 'x' } } }] },
    /cannot be set/,
  ],
  ['a rewrite', rewriting({ path: '/a/', to: '/b/?x=%20' }), undefined],
  ['a rewrite by groups', rewriting({ pattern: /^\/(a)$/, to: '/b/$1-$$', last: true }), undefined],
  [
    'a rewrite to another site',
    rewriting({ path: '/a', to: '//evil.example' }),
    /to: "\/\/evil.example" is not a path/,
  ],
  ['a rewrite that is not encoded', rewriting({ path: '/a', to: '/ä' }), /must be percent-encoded/],
  ['a rewrite with a fragment', rewriting({ path: '/a', to: '/b#c' }), /is not a path/],
  ['a rewrite that climbs', rewriting({ path: '/a', to: '/b/../..' }), /is not a path that may be asked for/],
  ['a rewrite of a folder to half a name', rewriting({ path: '/a/', to: '/b' }), /to: "\/b" needs a slash at its end/],
  ['a rewrite of one path to one', rewriting({ path: '/a/', exact: true, to: '/b' }), undefined],
  ['good fields', { routes: [{ ...files, headers: { 'X-A': 'b' } }] }, undefined],
  ['an upstream without addresses', { routes: [files], upstreams: { api: {} } }, /upstreams\.api: needs addresses/],
  [
    'an upstream with a path',
    { routes: [files], upstreams: { api: { addresses: 'http://a/b' } } },
    /alone, without path/,
  ],
  ['an unknown balance', { routes: [files], upstreams: { app: { balance: 'best' } } }, /app\.balance: "best" is no/],
  ['half a failure', { routes: [files], upstreams: { app: { maxFails: 0.5 } } }, /app\.maxFails: 0\.5 is not a whole/],
  ['no duration', { routes: [files], upstreams: { app: { failTimeout: 10 } } }, /app\.failTimeout: 10 is not/],
  ['half a buffer', { routes: [{ path: '/', proxy: 'app', buffering: 'half' }] }, /buffering: "half" is no/],
  ['a swap of a pattern', { routes: [{ pattern: /^\/a/, proxy: 'app', to: '/' }] }, /\.to: goes with path alone/],
  ['a swap of a path', { routes: [{ path: '/a/', proxy: 'app', to: '/' }] }, undefined],
  [
    'a swap of a pattern behind files',
    { routes: [{ pattern: /^\/a/, files: '.', otherwise: { proxy: 'app', to: '/' } }] },
    /otherwise\.to: goes with path alone/,
  ],
  ['app as it is', { routes: [files], upstreams: { app: {} } }, undefined],
  ['error pages that are no object', { routes: [files], errorPages: '404.html' }, /errorPages: is an object/],
  ['an error page outside', { routes: [files], errorPages: { 404: '../404.html' } }, /errorPages\.404/],
];

for (const [what, site, problem] of table) {
  test(`${what} ${problem ? 'is a problem' : 'is fine'}`, () => {
    const problems = siteProblems(site);
    if (problem === undefined) assert.deepEqual(problems, []);
    else assert.match(problems.join('\n'), problem);
  });
}
