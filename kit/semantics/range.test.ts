import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contentRange, type RangeVerdict, selectRange } from './range.ts';

const anyCharacter = fc.nat(0x17f).map((code) => String.fromCharCode(code));
const part = (first: number, last: number): RangeVerdict => ({ verdict: 'part', range: { first, last } });
const malformed: RangeVerdict = { verdict: 'whole', why: 'malformed' };
const notBytes: RangeVerdict = { verdict: 'whole', why: 'not bytes' };
const several: RangeVerdict = { verdict: 'whole', why: 'several ranges' };
const unsatisfiable: RangeVerdict = { verdict: 'unsatisfiable' };
const huge = '9'.repeat(400);

const table: [value: string | undefined, size: number, expected: RangeVerdict][] = [
  [undefined, 10, { verdict: 'whole', why: 'no range' }],
  ['bytes=0-', 10, part(0, 9)],
  ['bytes=0-0', 10, part(0, 0)],
  ['bytes=0-9', 10, part(0, 9)],
  ['bytes=0-10', 10, part(0, 9)],
  ['bytes=2-4', 10, part(2, 4)],
  ['bytes=9-', 10, part(9, 9)],
  ['bytes=-5', 10, part(5, 9)],
  ['bytes=-10', 10, part(0, 9)],
  ['bytes=-11', 10, part(0, 9)],
  ['bytes=10-', 10, unsatisfiable],
  ['bytes=10-20', 10, unsatisfiable],
  ['bytes=-0', 10, unsatisfiable],
  ['bytes=-000', 10, unsatisfiable],
  ['bytes=4-2', 10, malformed],
  ['bytes=20-12', 10, malformed],
  ['BYTES=0-1', 10, part(0, 1)],
  [' bytes=0-1\t', 10, part(0, 1)],
  ['bytes= 0-1 ', 10, part(0, 1)],
  ['bytes=,0-1,', 10, part(0, 1)],
  ['bytes=002-0004', 10, part(2, 4)],
  ['bytes=0 - 1', 10, malformed],
  ['bytes =0-1', 10, malformed],
  ['bytes=0-1-2', 10, malformed],
  ['bytes=', 10, malformed],
  ['bytes=,', 10, malformed],
  ['bytes=-', 10, malformed],
  ['bytes=--1', 10, malformed],
  ['bytes=+1-2', 10, malformed],
  ['bytes=0x1-2', 10, malformed],
  ['bytes=1.0-2', 10, malformed],
  ['bytes=1e1-', 10, malformed],
  ['bytes=a-b', 10, malformed],
  ['bytes="0-1"', 10, malformed],
  ['bytes=٠-١', 10, malformed],
  ['bytes', 10, malformed],
  ['bytes 0-1', 10, malformed],
  ['bytes 0=1', 10, malformed],
  ['', 10, malformed],
  ['=', 10, malformed],
  ['=0-1', 10, malformed],
  ['0-1', 10, malformed],
  ['seconds=1-2', 10, notBytes],
  ['byte=0-1', 10, notBytes],
  ['bytes=0-1,3-4', 10, several],
  ['bytes=0-1, x', 10, several],
  ['bytes=0-', 0, unsatisfiable],
  ['bytes=0-0', 0, unsatisfiable],
  ['bytes=-5', 0, unsatisfiable],
  ['bytes=-0', 0, unsatisfiable],
  ['bytes=2-1', 0, malformed],
  ['bytes=9007199254740992-', 10, unsatisfiable],
  ['bytes=9007199254740993-9007199254740992', 10, malformed],
  ['bytes=9007199254740992-9007199254740993', 10, unsatisfiable],
  ['bytes=00009007199254740993-9007199254740992', 10, malformed],
  ['bytes=0-9007199254740993', 10, part(0, 9)],
  ['bytes=-9007199254740993', 10, part(0, 9)],
  [`bytes=0-${huge}`, 10, part(0, 9)],
  [`bytes=-${huge}`, 10, part(0, 9)],
  [`bytes=${huge}-`, 10, unsatisfiable],
  [`bytes=${huge}-${huge}`, 10, unsatisfiable],
  [`bytes=${huge}9-${huge}`, 10, malformed],
  ['bytes=-1', Number.MAX_SAFE_INTEGER, part(Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER - 1)],
];
for (const [value, size, expected] of table) {
  const shown =
    value !== undefined && value.length > 60 ? `${value.slice(0, 12)}… (${value.length} characters)` : value;
  test(`${JSON.stringify(shown)} of ${size} bytes: ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(selectRange(value, size), expected);
  });
}

test('Content-Range names both ends and the size', () => {
  assert.equal(contentRange({ first: 0, last: 4 }, 10), 'bytes 0-4/10');
});

const size = fc.nat({ max: 40 });

test('a range within the size is cut exactly', () => {
  fc.assert(
    fc.property(size, size, size, (first, length, rest) => {
      const last = first + length;
      assert.deepEqual(selectRange(`bytes=${first}-${last}`, last + 1 + rest), part(first, last));
    }),
  );
});

test('on any string the answer is a verdict, and a part lies within the size', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 20 });
  const likely = fc.tuple(digits, digits).map(([first, last]) => `bytes=${first}-${last}`);
  const noise = fc.string({ unit: fc.constantFrom(...'bytes=-,09 \t') });
  fc.assert(
    fc.property(fc.oneof(likely, noise, fc.string({ unit: anyCharacter })), size, (value, size) => {
      const result = selectRange(value, size);
      if (result.verdict !== 'part') return;
      assert.ok(0 <= result.range.first && result.range.first <= result.range.last && result.range.last < size);
    }),
    { numRuns: 400 },
  );
});
