import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitList } from '@trivet/kit/semantics/list.ts';
import fc from 'fast-check';
import { type Directives, directivesOf, noDirectives, parseDirectives, requestDirectives } from './directives.ts';

const table: readonly [text: string, expected: Partial<Directives>][] = [
  ['max-age=60', { maxAge: 60 }],
  ['MaX-aGe=60', { maxAge: 60 }],
  ['max-age="60"', { maxAge: 60 }],
  ['max-age=0060', { maxAge: 60 }],
  ["max-age='60'", { maxAge: 0 }],
  ['max-age=-60', { maxAge: 0 }],
  ['max-age=60.5', { maxAge: 0 }],
  ['max-age=6a', { maxAge: 0 }],
  ['max-age=', { maxAge: 0 }],
  ['max-age', { maxAge: 0 }],
  ['max-age =60', { maxAge: 0 }],
  ['max-age= 60', { maxAge: 0 }],
  ['max-age=99999999999', { maxAge: 2_147_483_648 }],
  ['max-age=60, max-age=1', { maxAge: 60 }],
  ['extension="max-age=3600", max-age=1', { maxAge: 1 }],
  ['max-age=1, extension="max-age=3600, s-maxage=9"', { maxAge: 1, sMaxage: undefined }],
  ['foobar, s-maxage=5, max-age=7', { sMaxage: 5, maxAge: 7 }],
  ['No-StOrE', { noStore: true }],
  ['no-cache', { noCache: true, noCacheFields: [] }],
  ['no-cache="a, B"', { noCache: false, noCacheFields: ['a', 'b'] }],
  ['no-cache="a", no-cache="b"', { noCacheFields: ['a', 'b'] }],
  ['no-cache=a', { noCache: true }],
  ['no-cache=""', { noCache: true }],
  ['no-cache="a', { noCache: true }],
  ['no-cache ="a"', { noCache: true }],
  ['private', { isPrivate: true }],
  ['private="set-cookie"', { isPrivate: false, privateFields: ['set-cookie'] }],
  ['private, private="x"', { isPrivate: true, privateFields: ['x'] }],
  ['max-stale', { maxStale: Number.POSITIVE_INFINITY }],
  ['max-stale=5', { maxStale: 5 }],
  ['stale-while-revalidate=x, stale-if-error=9', { staleWhileRevalidate: 0, staleIfError: 9 }],
  ['public;x, must-revalidate', { isPublic: false, mustRevalidate: true }],
];

for (const [text, expected] of table) {
  test(`Cache-Control: ${text} is read as ${JSON.stringify(expected)}`, () => {
    const read = parseDirectives(splitList(text));
    for (const [name, value] of Object.entries(expected)) {
      assert.deepEqual(read[name as keyof Directives], value, name);
    }
  });
}

test('the lines of a field are read as one list', () => {
  const read = directivesOf(['cache-control', 'max-age=60', 'X-Other', '1', 'Cache-Control', 'no-cache']);
  assert.equal(read.maxAge, 60);
  assert.equal(read.noCache, true);
});

test('a message without the field says nothing', () => {
  assert.equal(directivesOf(['Expires', '0']), noDirectives);
});

test('Pragma speaks only where Cache-Control does not', () => {
  assert.equal(requestDirectives(['Pragma', 'no-cache']).noCache, true);
  assert.equal(requestDirectives(['Pragma', 'foo']).noCache, false);
  assert.equal(requestDirectives(['Pragma', 'no-cache', 'Cache-Control', 'max-age=5']).noCache, false);
});

test('no text makes the parser throw, and times are never negative', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'max-ge=",; \\0159spriv') })), (text) => {
      const read = directivesOf(['Cache-Control', text]);
      assert.ok((read.maxAge ?? 0) >= 0 && (read.sMaxage ?? 0) >= 0);
    }),
  );
});
