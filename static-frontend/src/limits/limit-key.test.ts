import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LimitKey } from '../site/guard-options.ts';
import { limitKey } from './limit-key.ts';

function key(by: LimitKey, client = '192.0.2.1', fields: readonly string[] = []): string {
  return limitKey(by, { client, fields });
}

const byKey = { header: 'X-Api-Key' };
const byCookie = { cookie: 'sid' };

for (const [what, one, other, isSame] of [
  ['an address and itself in IPv6 clothes', key('client'), key('client', '::ffff:192.0.2.1'), true],
  ['two addresses', key('client'), key('client', '192.0.2.2'), false],
  ['two addresses of one /64', key('client', '2001:db8:0:1::1'), key('client', '2001:DB8:0:1:ffff::9'), true],
  ['two addresses of one /48', key('client', '2001:db8:0:1::1'), key('client', '2001:db8:0:2::1'), false],
  ['two requests, by all', key('all'), key('all', '192.0.2.2'), true],
  ['two addresses with one field', key(byKey, 'a', ['x-api-key', '1']), key(byKey, 'b', ['X-Api-Key', '1']), true],
  ['two values', key(byKey, 'a', ['x-api-key', '1']), key(byKey, 'a', ['x-api-key', '2']), false],
  ['no field and the address', key(byKey), key('client'), true],
  ['an empty field and the address', key(byKey, '192.0.2.1', ['x-api-key', '']), key('client'), true],
  ['a field that says an address, and that', key(byKey, 'a', ['x-api-key', '192.0.2.1']), key('client'), false],
  [
    'a cookie among others',
    key(byCookie, 'a', ['Cookie', 'a=b; sid=1']),
    key(byCookie, 'b', ['cookie', 'sid=1; xsid=2']),
    true,
  ],
  ['two cookies', key(byCookie, 'a', ['Cookie', 'sid=1']), key(byCookie, 'a', ['cookie', 'sid=2']), false],
  ['another cookie and the address', key(byCookie, '192.0.2.1', ['Cookie', 'xsid=1']), key('client'), true],
] as const) {
  test(`${what}: ${isSame ? 'one key' : 'two keys'}`, () => assert.equal(one === other, isSame));
}

test('a key has the same length however long the value is', () => {
  assert.equal(key(byKey, 'a', ['x-api-key', 'x'.repeat(30_000)]).length, key(byKey, 'a', ['x-api-key', 'y']).length);
});
