import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contentRange, parseContentRange, type RangeVerdict, selectRange, selectRanges } from './range.ts';

const character = fc.nat(0x17f).map((code) => String.fromCharCode(code));
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
  test(`[case 54] ${JSON.stringify(shown)} of ${size} bytes: ${JSON.stringify(expected)}`, () => {
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
    fc.property(fc.oneof(likely, noise, fc.string({ unit: character })), size, (value, size) => {
      const result = selectRange(value, size);
      if (result.verdict !== 'part') return;
      assert.ok(0 <= result.range.first && result.range.first <= result.range.last && result.range.last < size);
    }),
    { numRuns: 400 },
  );
});

for (const [value, expected] of [
  ['bytes=0-1', part(0, 1)],
  [
    'bytes=0-1,4-5',
    {
      verdict: 'parts',
      ranges: [
        { first: 0, last: 1 },
        { first: 4, last: 5 },
      ],
    },
  ],
  [
    'bytes=4-5, 0-1',
    {
      verdict: 'parts',
      ranges: [
        { first: 4, last: 5 },
        { first: 0, last: 1 },
      ],
    },
  ],
  [
    'bytes=0-1,-2',
    {
      verdict: 'parts',
      ranges: [
        { first: 0, last: 1 },
        { first: 8, last: 9 },
      ],
    },
  ],
  ['bytes=0-5,3-8', part(0, 8)],
  ['bytes=0-1,2-3', part(0, 3)],
  ['bytes=0-1,20-30', part(0, 1)],
  ['bytes=20-30,40-50', unsatisfiable],
  ['bytes=0-1,x', malformed],
  ['bytes=0-1,5-4', malformed],
  [`bytes=${Array.from({ length: 17 }, () => '0-0').join()}`, several],
] as const) {
  test(`[case 54] of ten bytes ${value} selects ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(selectRanges(value, 10), expected);
  });
}

test('[case 54] ranges that were selected never overlap, and lie within the representation', () => {
  const one = fc.tuple(fc.nat(40), fc.nat(40)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  fc.assert(
    fc.property(fc.array(one, { minLength: 2, maxLength: 16 }), fc.nat(50), (specs, size) => {
      const verdict = selectRanges(`bytes=${specs.join(',')}`, size);
      const ranges = verdict.verdict === 'parts' ? verdict.ranges : [];
      const seen = new Set<number>();
      for (const { first, last } of ranges) {
        for (let at = first; at <= last; at++) {
          assert.ok(at < size && !seen.has(at), `${at} once, and below ${size}`);
          seen.add(at);
        }
      }
    }),
  );
});

for (const [value, expected] of [
  ['bytes 0-4/10', { first: 0, last: 4, size: 10 }],
  ['Bytes 9-9/10', { first: 9, last: 9, size: 10 }],
  ['bytes 0-10/10', undefined],
  ['bytes 4-0/10', undefined],
  ['bytes 0-4/*', undefined],
  ['bytes */10', undefined],
  ['bytes=0-4/10', undefined],
  ['lines 0-4/10', undefined],
  ['bytes 0-4/10, bytes 0-4/10', undefined],
  [undefined, undefined],
] as const) {
  test(`[case 55] Content-Range: ${value} is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(parseContentRange(value), expected);
  });
}
