import assert from 'node:assert/strict';
import { test } from 'node:test';
import site from '../site.ts';
import { defineSite, type Site, SiteProblem, upstreamNames } from './define-site.ts';

test('the site that comes with the kit is a good one', () => {
  assert.deepEqual(defineSite(site), site);
});

test('a site may name upstreams of its own beside app', () => {
  const upstreams = { api: { addresses: 'http://127.0.0.1:9000, unix:/run/api.sock' } };
  assert.deepEqual(upstreamNames(defineSite({ routes: [{ path: '/api/', proxy: 'api' }], upstreams })), ['app', 'api']);
});

test('everything that is wrong with a site is named at once', () => {
  const site = {
    routes: [
      { path: 'old/', redirect: '//evil.example/', status: 200 },
      { path: '/', files: '../secrets', otherwise: { proxy: 'ap' } },
    ],
    errorPages: { 200: 'ok.html' },
    routs: [],
  } as unknown as Site;
  assert.throws(
    () => defineSite(site),
    (error: unknown) => {
      assert.ok(error instanceof SiteProblem);
      assert.equal(error.problems.length, 7);
      for (const place of ['routs', 'routes[0].path', 'routes[0].redirect', 'routes[0].status', 'routes[1].files']) {
        assert.ok(error.message.includes(place), place);
      }
      assert.match(error.message, /routes\[1\]\.otherwise: "ap" is no upstream \(known: app\)/);
      assert.match(error.message, /errorPages\.200/);
      return true;
    },
  );
});
