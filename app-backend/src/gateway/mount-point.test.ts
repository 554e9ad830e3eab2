import assert from 'node:assert/strict';
import { test } from 'node:test';
import { behind, pathPrefix, percentDecode } from './mount-point.ts';

for (const [path, decoded] of [
  ['/plain', '/plain'],
  ['/a%20b', '/a b'],
  ['/%E2%82%AC', '/\u00e2\u0082\u00ac'],
  ['/%ff', '/ÿ'],
  ['/%2F%2f', '///'],
  ['/%252F', '/%2F'],
  ['/%zz%4', '/%zz%4'],
  ['/a+b', '/a+b'],
  ['/%00', '/\0'],
] as const) {
  test(`the path ${path} is decoded once, byte by byte, to ${JSON.stringify(decoded)}`, () => {
    assert.equal(percentDecode(path), decoded);
  });
}

for (const [text, prefix] of [
  ['', ''],
  ['/', ''],
  ['/shop', '/shop'],
  ['/shop/', '/shop'],
  ['/a/b', '/a/b'],
  ['/caf%C3%A9', '/caf\u00c3\u00a9'],
  ['shop', undefined],
  ['//evil.example', undefined],
  ['/\\evil.example', undefined],
  ['/%2Fevil.example', undefined],
  ['/%2f', undefined],
  ['/%5Cevil.example', undefined],
  ['/..', undefined],
  ['/a/%2e%2E/b', undefined],
  ['/a/./b', undefined],
  ['/a/..b', '/a/..b'],
  ['/a?b', undefined],
  ['/a#b', undefined],
  ['/a\r\nb', undefined],
  ['/a%0d%0ab', undefined],
  ['http://evil.example/', undefined],
] as const) {
  test(`${JSON.stringify(text)} is ${prefix === undefined ? 'no prefix' : `the prefix ${JSON.stringify(prefix)}`}`, () => {
    assert.equal(pathPrefix(text), prefix);
  });
}

for (const [prefix, path, rest] of [
  ['', '/x', '/x'],
  ['/shop', '/shop', ''],
  ['/shop', '/shop/', '/'],
  ['/shop', '/shop/x', '/x'],
  ['/shop', '/shopping', undefined],
  ['/shop', '/', undefined],
] as const) {
  test(`behind ${JSON.stringify(prefix)}, ${path} is ${JSON.stringify(rest)}`, () => {
    assert.equal(behind(prefix, path), rest);
  });
}
