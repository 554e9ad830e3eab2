import assert from 'node:assert/strict';
import { ask } from '../ask.ts';
import { asData, doors, folder, reason, underSite, unique } from '../front.ts';
import type { Case } from '../topology.ts';

/** Below the folder of the case, which has `a.txt` and `sub/b.txt`: what the client sends, and what it gets. */
const readings: readonly (readonly [path: string, status: number])[] = [
  ['a.txt', 200],
  ['./a.txt', 200],
  ['sub/../a.txt', 200],
  ['sub/%2e%2e/a.txt', 200],
  ['/a.txt', 200],
  ['%61.txt', 200],
  ['sub%2fb.txt', 404],
  ['sub%5Cb.txt', 404],
  ['a.txt%00', 400],
  ['a.txt%00.html', 400],
  ['../../etc/passwd', 400],
  ['..%2f..%2fetc/passwd', 400],
  ['%2e%2e/%2e%2e/%2e%2e/etc/passwd', 400],
  ['%ff%fe', 400],
  ['%zz', 400],
  ['a.txt/', 404],
  ['x'.repeat(300), 404],
];

export const frontPaths: readonly Case[] = [
  {
    name: 'a path is read once and one way: nothing climbs, no encoded slash is a slash, no NUL ends a name',
    async run(stack) {
      const place = await folder(stack, { 'a.txt': 'a', 'sub/b.txt': 'b' });
      await underSite(stack, "routes: [{ path: '/', files: '.' }],", async () => {
        for (const door of doors(stack)) {
          for (const [path, expected] of readings) {
            const { status, text } = await ask(door, { path: place + path });
            assert.equal(status, expected, `${door.port}: ${path}`);
            assert.doesNotMatch(text, /root:/);
          }
        }
      });
    },
  },
  {
    name: 'a target that is too long is 414, fields that are too many or too long are 431',
    async run({ front }) {
      const long = await ask(front, { path: `/${'a'.repeat(17 * 1024)}` });
      assert.equal(long.status, 414);
      assert.match(long.text, /target-too-long/);
      const many = Object.fromEntries(Array.from({ length: 130 }, (_, at) => [`x-${at}`, '1']));
      assert.equal((await ask(front, { headers: many })).status, 431);
      assert.equal((await ask(front, { headers: { 'x-long': 'a'.repeat(40 * 1024) } })).status, 431);
    },
  },
  {
    name: 'redirects: what follows the path goes along, and the query unless the target has one',
    async run(stack) {
      const name = unique();
      const members = `routes: [
    { path: '/${name}/old/', redirect: '/${name}/new/', status: 308 },
    { path: '/${name}/one', exact: true, redirect: 'https://example.org/?from=one' },
    { pattern: /^\\/${name}\\/user\\/(?<id>\\d+)$/, redirect: '/${name}/people/$<id>', status: 302 },
    { path: '/', files: '.' },
  ],`;
      await underSite(stack, members, async () => {
        for (const door of doors(stack)) {
          const asked = async (path: string) => {
            const { status, headers } = await ask(door, { path: `/${name}/${path}` });
            return [status, headers.location];
          };
          assert.deepEqual(await asked('old/a/b?c=d'), [308, `/${name}/new/a/b?c=d`]);
          assert.deepEqual(await asked('x/../old/a'), [308, `/${name}/new/a`]);
          assert.deepEqual(await asked('one?x=1'), [301, 'https://example.org/?from=one']);
          assert.deepEqual(await asked('user/42'), [302, `/${name}/people/42`]);
          assert.deepEqual(await asked('user/x'), [404, undefined]);
        }
      });
    },
  },
  {
    name: 'rewrites: files, guards and the app see the other path, and a loop ends with 500',
    async run(stack) {
      const place = await folder(stack, { 'a.txt': 'a' });
      const members = `rewrites: [
    { path: '${place}v1/', to: '${place}v2/' },
    { path: '${place}v2/', to: '/echo/', last: true },
    { path: '${place}alias', exact: true, to: '${place}a.txt', last: true },
    { pattern: /^${place.replaceAll('/', '\\/')}u\\/(\\d+)$/, to: '/echo?user=$1', last: true },
    { path: '${place}round/', to: '${place}round/and/' },
  ],
  routes: [{ path: '/echo', proxy: 'app', to: '/echo' }, { path: '/', files: '.' }],`;
      await underSite(stack, members, async () => {
        for (const door of doors(stack)) {
          assert.equal((await ask(new URL(`${place}alias?x=1`, door))).text, 'a');
          const user = JSON.parse((await ask(new URL(`${place}u/42?x=1`, door))).text);
          assert.deepEqual([user.path, user.query], ['/echo', 'user=42&x=1']);
          const twice = JSON.parse((await ask(new URL(`${place}v1/a%2Fb`, door))).text);
          assert.equal(twice.path, '/echo/a/b', 'as the environ of WSGI has it, decoded');
          const round = await ask(new URL(`${place}round/x`, door), { headers: asData });
          assert.deepEqual([round.status, reason(round)], [500, 'rewrite-loop']);
        }
      });
    },
  },
  {
    name: 'returns: one status for all of it, and 444 closes without a word',
    async run(stack) {
      const name = unique();
      const members = `routes: [
    { path: '/${name}/gone/', returns: 410 },
    { path: '/${name}/silent', returns: 444 },
    { path: '/', files: '.', otherwise: { proxy: 'app' } },
  ],`;
      await underSite(stack, members, async () => {
        for (const door of doors(stack)) assert.equal((await ask(new URL(`/${name}/gone/x`, door))).status, 410);
        await assert.rejects(ask(new URL(`/${name}/silent`, stack.front)), /ECONNRESET|socket hang up/);
      });
    },
  },
  {
    name: 'a route’s headers stand back where the app has spoken, its response rules have the last word',
    async run(stack) {
      const place = await folder(stack, { 'a.txt': 'a' });
      const members = `routes: [
    {
      path: '/script', proxy: 'app',
      headers: { 'cache-control': 'max-age=7', 'x-route': '1' },
      response: { remove: ['X-Nonce'], set: { 'X-Api': '2' }, add: { Link: '</a>' } },
    },
    { path: '/', files: '.', headers: { 'cache-control': 'max-age=7' }, response: { set: { 'X-Files': 'yes' }, remove: ['ETag'] } },
  ],`;
      await underSite(stack, members, async () => {
        for (const door of doors(stack)) {
          const app = async (search: string) => (await ask(new URL(`/script?${search}&${unique()}`, door))).headers;
          const silent = await app('a=b');
          assert.deepEqual([silent['cache-control'], silent['x-route'], silent['x-api']], ['max-age=7', '1', '2']);
          assert.deepEqual([silent['x-nonce'], silent.link], [undefined, '</a>']);
          assert.equal((await app('cache-control=no-store'))['cache-control'], 'no-store');
          const file = await ask(new URL(`${place}a.txt`, door));
          assert.deepEqual([file.headers['cache-control'], file.headers['x-files']], ['max-age=7', 'yes']);
          assert.equal(file.headers.etag, undefined);
          const missing = await ask(new URL(`${place}none`, door));
          assert.equal(missing.status, 404);
          assert.equal(missing.headers['x-files'], 'yes');
          assert.doesNotMatch(String(missing.headers['cache-control']), /max-age=7/, 'an error is not kept');
        }
      });
    },
  },
];
