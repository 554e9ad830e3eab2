import assert from 'node:assert/strict';
import { test } from 'node:test';
import { staticFolders } from './static-settings.ts';

for (const [text, expected] of [
  ['', []],
  ['/static/=public', [{ prefix: '/static/', folder: 'public' }]],
  ['/static=public', [{ prefix: '/static/', folder: 'public' }]],
  ['/=.', [{ prefix: '/', folder: '.' }]],
  [
    '/static/=/srv/a=b, /media/ = ../m',
    [
      { prefix: '/static/', folder: '/srv/a=b' },
      { prefix: '/media/', folder: '../m' },
    ],
  ],
  ['/a%20b/=x', [{ prefix: '/a b/', folder: 'x' }]],
  ['/é/=x', [{ prefix: '/é/', folder: 'x' }]],
] as const) {
  test(`${JSON.stringify(text)} is read`, () => assert.deepEqual(staticFolders.parse(text), expected));
}

for (const [text, complaint] of [
  ['public', /"public" is not PREFIX=FOLDER/],
  ['/static/=', /is not PREFIX=FOLDER/],
  ['=public', /is not PREFIX=FOLDER/],
  ['/a=b,', /"" is not PREFIX=FOLDER/],
  ['static=public', /"static" is not a path prefix/],
  ['/../=public', /is not a path prefix/],
  ['/a?b=public', /is not a path prefix/],
  ['/a%2fb=public', /is not a path prefix/],
  ['/a=x,/a/=y', /the prefix \/a\/ is there twice/],
] as const) {
  test(`${JSON.stringify(text)} is refused`, () => {
    assert.match(staticFolders.safeParse(text).error?.issues[0]?.message ?? '', complaint);
  });
}
