import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find, firstVersion, versionOf } from './program.ts';

for (const [text, version] of [
  ['varnishd (varnish-7.1.1 revision 7cee1c5)\nCopyright (c) 2006-2022', '7.1.1'],
  ['nginx version: nginx/1.22.1\n', '1.22.1'],
  ['gunicorn (version 20.1.0)\n', '20.1.0'],
  ['gunicorn', undefined],
] as const) {
  test(`the version in ${JSON.stringify(text)} is ${version}`, () => {
    assert.equal(firstVersion(text), version);
  });
}

test('a program that is not installed has no place and no version', () => {
  const program = { name: 'Nobody', file: 'no-such-program', versionFlag: '-v' };
  assert.deepEqual([find(program), versionOf(program)], [undefined, undefined]);
});
