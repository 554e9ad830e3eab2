import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ofSomeVersions, refusals } from './refusals.ts';

const refused = (name: string) => refusals.find(({ names }) => names.split(', ').includes(name));

test('a value is no part of the name', () => {
  for (const [name, names, value] of [
    ['--keyfile', '--keyfile', 'FILE'],
    ['--paster', '--paste, --paster', 'STRING'],
    ['--proxy-protocol', '--proxy-protocol', undefined],
    ['-R', '-R, --enable-stdio-inheritance', undefined],
  ] as const) {
    assert.deepEqual([refused(name)?.names, refused(name)?.value], [names, value]);
  }
  for (const { names, value } of refusals) {
    assert.match(names, /^(?:-\w, |--[\w-]+, )?--[\w-]+$/);
    assert.match(value ?? 'X', /^[A-Z_]+$/);
  }
});

test('what only some versions have is refused by all', () => {
  assert.ok(ofSomeVersions.length > 0);
  for (const one of ofSomeVersions) assert.ok(refusals.includes(one), one.names);
});
