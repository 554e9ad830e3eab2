import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withRouteDefaults, withRouteHeaders } from './route-headers.ts';

const headers = { 'cache-control': 'max-age=60', 'X-A': 'site' };

test('a route replaces what the tier would say', () => {
  const fields = withRouteHeaders(['Cache-Control', 'no-cache', 'ETag', '"1"'], 200, headers);
  assert.deepEqual(fields, ['ETag', '"1"', 'cache-control', 'max-age=60', 'X-A', 'site']);
});

test('a route gives the app’s answer only what it lacks', () => {
  const fields = withRouteDefaults(['x-a', 'app'], 200, headers);
  assert.deepEqual(fields, ['x-a', 'app', 'cache-control', 'max-age=60']);
});

test('what a route says about caching stays off errors', () => {
  assert.deepEqual(withRouteHeaders(['Cache-Control', 'no-store'], 404, headers), [
    ...['Cache-Control', 'no-store'],
    ...['X-A', 'site'],
  ]);
  assert.deepEqual(withRouteDefaults([], 500, headers), ['X-A', 'site']);
});
