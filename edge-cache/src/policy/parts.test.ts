import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assembly, type Fragment, fits, partOf, rangeOf, rangeToAsk } from './parts.ts';

type Stored = { readonly fragment: Fragment };

const strong = '"a"';
const part = (first: number, last: number, etag: string | undefined = strong, asked = ''): Stored => ({
  fragment: { part: { first, last, size: 10, asked }, etag, lastModified: undefined },
});
const range = (value: string) => ['Range', value];

/** What is made of stored parts, as text: `0-2+[3-4]+5-9` has a gap in the middle. */
function shown(stored: readonly Stored[], request: readonly string[]): string {
  const found = assembly(stored, request);
  if (found === undefined) return 'nothing';
  const pieces = found.slices.map(({ range: { first, last } }) => ({ first, text: `${first}-${last}` }));
  const { missing } = found;
  if (missing !== undefined) pieces.push({ first: missing.first, text: `[${missing.first}-${missing.last}]` });
  const order = pieces.toSorted((a, b) => a.first - b.first).map(({ text }) => text);
  return `${found.as} ${order.join('+')}`;
}

for (const [what, stored, request, expected] of [
  ['nothing', [], range('bytes=0-1'), 'nothing'],
  ['a part that has it', [part(0, 5)], range('bytes=1-3'), 'part 1-3'],
  ['a part that has it exactly', [part(2, 5)], range('bytes=2-5'), 'part 2-5'],
  ['a part at the end', [part(5, 9)], range('bytes=-3'), 'part 7-9'],
  ['a part up to the end', [part(5, 9)], range('bytes=6-'), 'part 6-9'],
  ['a part that ends too early', [part(0, 3)], range('bytes=2-5'), 'part 2-3+[4-5]'],
  ['a part that begins too late', [part(4, 9)], range('bytes=2-5'), 'part [2-3]+4-5'],
  ['a part elsewhere', [part(0, 1)], range('bytes=5-6'), 'nothing'],
  ['two parts that meet', [part(0, 3), part(4, 9)], range('bytes=2-6'), 'part 2-3+4-6'],
  ['two parts that overlap', [part(0, 5), part(3, 9)], range('bytes=2-6'), 'part 2-5+6-6'],
  ['two parts, one within the other', [part(0, 9), part(3, 4)], range('bytes=2-6'), 'part 2-6'],
  ['two parts with a gap', [part(0, 2), part(5, 9)], range('bytes=1-6'), 'part 1-2+[3-4]+5-6'],
  ['two gaps', [part(3, 4)], range('bytes=1-6'), 'nothing'],
  ['parts of all of it', [part(0, 4), part(5, 9)], [], 'whole 0-4+5-9'],
  ['parts of most of it', [part(0, 4)], [], 'whole 0-4+[5-9]'],
  ['parts of two representations', [part(0, 4), part(5, 9, '"b"')], [], 'whole 0-4+[5-9]'],
  ['parts without a validator', [part(0, 4, ''), part(5, 9, '')], [], 'nothing'],
  ['parts with a weak validator', [part(0, 4, 'W/"a"'), part(5, 9, 'W/"a"')], [], 'nothing'],
  ['a part with a weak validator that has it', [part(0, 4, 'W/"a"')], range('bytes=1-2'), 'part 1-2'],
  ['the answer to the same question', [part(0, 4, strong, 'bytes=-5')], range('bytes=-5'), 'part 0-4'],
  ['several ranges', [part(0, 9)], range('bytes=0-1,3-4'), 'nothing'],
  ['a range beyond the end', [part(0, 9)], range('bytes=20-'), 'nothing'],
  ['a range that is none', [part(0, 4)], range('bytes=x'), 'whole 0-4+[5-9]'],
  ['another condition', [part(0, 9)], [...range('bytes=0-1'), 'If-None-Match', '"a"'], 'nothing'],
  ['an If-Range that holds', [part(0, 5)], [...range('bytes=1-3'), 'If-Range', '"a"'], 'part 1-3'],
  ['an If-Range that does not hold', [part(0, 5)], [...range('bytes=1-3'), 'If-Range', '"b"'], 'whole 0-5+[6-9]'],
] as const) {
  test(`of ${what} is made: ${expected}`, () => assert.equal(shown(stored, request), expected));
}

test('what is made of parts is each wanted byte once, and in order', () => {
  const stretch = fc.tuple(fc.nat(9), fc.nat(9)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 6 }), stretch, (stretches, [first, last]) => {
      const stored = stretches.map(([from, to]) => part(from, to));
      const found = assembly(stored, range(`bytes=${first}-${last}`));
      if (found === undefined) return;
      const pieces = [...found.slices.map((slice) => slice.range), ...(found.missing ? [found.missing] : [])];
      const bytes = pieces
        .toSorted((a, b) => a.first - b.first)
        .flatMap((piece) => Array.from({ length: piece.last + 1 - piece.first }, (_, i) => piece.first + i));
      assert.deepEqual(
        bytes,
        Array.from({ length: last + 1 - first }, (_, i) => first + i),
      );
      for (const { entry, range: used } of found.slices) {
        assert.ok(entry.fragment.part.first <= used.first && used.last <= entry.fragment.part.last);
      }
    }),
  );
});

for (const [method, fields, expected] of [
  ['GET', range('bytes=2-4'), 'bytes=2-4'],
  ['GET', range('bytes=-5'), 'bytes=-5'],
  ['GET', range('bytes=5-'), 'bytes=5-'],
  ['GET', range('bytes=0-0'), 'bytes=0-0'],
  ['GET', range('bytes=0-'), undefined],
  ['GET', range('bytes=0-1,4-5'), undefined],
  ['GET', range('bytes=4-2'), undefined],
  ['GET', range('bytes=-'), undefined],
  ['GET', range('lines=1-2'), undefined],
  ['GET', [...range('bytes=2-4'), 'If-None-Match', '"a"'], undefined],
  ['HEAD', range('bytes=2-4'), undefined],
  ['GET', [], undefined],
] as const) {
  test(`${method} with ${fields.join(': ')} is fetched ${expected === undefined ? 'whole' : `as ${expected}`}`, () => {
    assert.equal(rangeToAsk(method, fields), expected);
  });
}

for (const [place, length, expected] of [
  ['bytes 2-4/10', '3', '2-4/10'],
  ['bytes 2-4/10', undefined, '2-4/10'],
  ['bytes 4-9/10', '5', '4-8/10'],
  ['bytes 2-4/10', '4', undefined],
  ['bytes 2-4/10', '0', undefined],
  ['bytes 2-4/*', '3', undefined],
  [undefined, '3', undefined],
] as const) {
  test(`${length ?? 'unknown'} bytes at ${place} lie at ${expected ?? 'nowhere'}`, () => {
    const fields = [
      ...(place === undefined ? [] : ['Content-Range', place]),
      ...(length === undefined ? [] : ['Content-Length', length]),
    ];
    const found = partOf(fields, 'bytes=2-4');
    assert.equal(found && `${found.first}-${found.last}/${found.size}`, expected);
  });
}

test('a part that nobody asked for has no place', () => {
  assert.equal(partOf(['Content-Range', 'bytes 2-4/10'], undefined), undefined);
});

test('what is missing at the end is asked for without an end', () => {
  assert.equal(rangeOf({ missing: { first: 5, last: 9 }, size: 10 }), 'bytes=5-');
  assert.equal(rangeOf({ missing: { first: 5, last: 8 }, size: 10 }), 'bytes=5-8');
});

for (const [what, fields, isFitting] of [
  ['the missing piece', ['Content-Range', 'bytes 5-9/10', 'ETag', '"a"'], true],
  ['a piece of another representation', ['Content-Range', 'bytes 5-9/10', 'ETag', '"b"'], false],
  ['a piece without a validator', ['Content-Range', 'bytes 5-9/10'], false],
  ['a piece of a longer one', ['Content-Range', 'bytes 5-9/11', 'ETag', '"a"'], false],
  ['another piece', ['Content-Range', 'bytes 4-9/10', 'ETag', '"a"'], false],
] as const) {
  test(`${what} ${isFitting ? 'fits' : 'does not fit'}`, () => {
    const found = assembly([part(0, 4)], []);
    assert.ok(found);
    assert.equal(fits(found, fields), isFitting);
  });
}
