import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wantedCodings } from './wanted-codings.ts';

for (const [acceptEncoding, wanted] of [
  [undefined, []],
  ['', []],
  ['deflate', []],
  ['gzip, deflate, br, zstd', ['zstd', 'br', 'gzip']],
  ['gzip;q=1, br;q=0.5', ['gzip', 'br']],
  ['zstd;q=0, *', ['br', 'gzip']],
  ['gzip, identity;q=0.9, br;q=0.2', ['gzip']],
] as const) {
  test(`${acceptEncoding ?? 'no Accept-Encoding'}: ${wanted.join(', ') || 'the file itself'}`, () => {
    assert.deepEqual(wantedCodings(acceptEncoding), wanted);
    assert.deepEqual(wantedCodings(acceptEncoding), wanted);
  });
}

test('a value is read alike however many others came before', () => {
  for (let i = 0; i < 1000; i++) assert.deepEqual(wantedCodings(`br;q=0.5, gzip, x${i}`), ['gzip', 'br']);
  assert.deepEqual(wantedCodings(`gzip, ${'x, '.repeat(1000)}`), ['gzip']);
});
