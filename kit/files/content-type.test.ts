import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentType } from './content-type.ts';

for (const [name, type, isCompressible] of [
  ['index.html', 'text/html; charset=utf-8', true],
  ['INDEX.HTM', 'text/html; charset=utf-8', true],
  ['assets/app.0123abcd.js', 'text/javascript; charset=utf-8', true],
  ['data.json', 'application/json', true],
  ['logo.svg', 'image/svg+xml', true],
  ['photo.jpeg', 'image/jpeg', false],
  ['font.woff2', 'font/woff2', false],
  ['archive.tar.gz', 'application/gzip', false],
  ['index.html.br', 'application/octet-stream', false],
  ['README', 'application/octet-stream', false],
  ['v1.0/README', 'application/octet-stream', false],
  ['.html', 'application/octet-stream', false],
  ['file.', 'application/octet-stream', false],
  ['x.constructor', 'application/octet-stream', false],
] as const) {
  test(`${name} is ${type}`, () => assert.deepEqual(contentType(name), { type, isCompressible }));
}
