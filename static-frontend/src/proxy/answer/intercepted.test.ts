import assert from 'node:assert/strict';
import { test } from 'node:test';
import { intercepted } from './intercepted.ts';

test('the page stands in under the status of the app, whichever that is', () => {
  for (const status of [401, 404, 500, 599]) {
    const fault = intercepted({ status, fields: [] });
    assert.deepEqual([fault.status, fault.reason, fault.blame, fault.fields], [status, 'intercepted', 'upstream', []]);
  }
});

test('what belongs to a status stays with it, in all its lines; what the app said of its own page goes', () => {
  const fields = [
    ...['Content-Type', 'text/plain', 'WWW-AUTHENTICATE', 'Basic', 'Set-Cookie', 'a=1', 'retry-after', '7'],
    ...['www-authenticate', 'Bearer', 'Content-Length', '3', 'ETag', '"1"', 'allow', '', 'Cache-Control', 'no-store'],
  ];
  assert.deepEqual(intercepted({ status: 405, fields }).fields, [
    ...['WWW-Authenticate', 'Basic', 'WWW-Authenticate', 'Bearer', 'Retry-After', '7', 'Allow', ''],
  ]);
});

test('nothing of the app’s own time to wait is added to what it said', () => {
  assert.equal(intercepted({ status: 503, fields: ['Retry-After', '7'] }).retryAfterSeconds, undefined);
});
