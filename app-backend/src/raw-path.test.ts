import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rawPathOf } from './raw-path.ts';

for (const [what, path, raw, expected] of [
  ['as it is', '/a/b', '/a/b?x', '/a/b'],
  ['with what decoding hides', '/a/b', '/a%2Fb', '/a%2Fb'],
  ['behind a mount', '/a b', '/shop/a%20b', '/a%20b'],
  ['behind a mount in other spelling', '/b', '/%73hop/b', '/b'],
  ['of an absolute target', '/a/b', 'http://h/a%2fb', '/a%2fb'],
  ['of bytes beyond ASCII', '/\xc3\xa9', '/%C3%A9', '/%C3%A9'],
  ['that middleware changed', '/new one', '/old', '/new%20one'],
  ['that no server told', '/100%', undefined, '/100%25'],
  ['that is none', '', '/shop', ''],
] as const) {
  test(`the spelling of a path ${what}`, () => {
    assert.equal(rawPathOf({ PATH_INFO: path, RAW_URI: raw as string }), expected);
  });
}
