import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { selectParts } from './several-ranges.ts';

function outcome(value: string | undefined, size: number): string {
  const selected = selectParts(value, size);
  switch (selected.verdict) {
    case 'whole':
      return `whole: ${selected.why}`;
    case 'unsatisfiable':
      return 'unsatisfiable';
    case 'part':
      return `${selected.range.first}-${selected.range.last}`;
    case 'parts':
      return selected.ranges.map(({ first, last }) => `${first}-${last}`).join(' ');
  }
}

const every = (n: number, step: number) => Array.from({ length: n }, (_, i) => `${i * step}-${i * step}`).join(',');

for (const [value, expected] of [
  [undefined, 'whole: no range'],
  ['bytes=0-1', '0-1'],
  ['bytes=0-1,4-5', '0-1 4-5'],
  ['bytes= 0-1 , ,\t4-5', '0-1 4-5'],
  ['BYTES=0-1,4-5', '0-1 4-5'],
  ['bytes=90-94,0-1', '90-94 0-1'],
  ['bytes=-2,0-1', '98-99 0-1'],
  ['bytes=50-59,0-9,60-69', '50-69 0-9'],
  ['bytes=10-19,0-9', '0-19'],
  ['bytes=0-9,5-14,30-39', '0-14 30-39'],
  ['bytes=0-9,200-300', '0-9'],
  ['bytes=200-,0-9,300-400,20-29', '0-9 20-29'],
  ['bytes=200-,300-', 'unsatisfiable'],
  ['bytes=-0,200-', 'unsatisfiable'],
  ['bytes=0-,0-,0-', 'whole: several ranges'],
  ['bytes=0-59,20-79', 'whole: several ranges'],
  ['bytes=0-1,5-4', 'whole: malformed'],
  ['bytes=0-1,x', 'whole: malformed'],
  ['bytes=0-1;4-5', 'whole: malformed'],
  ['lines=0-1,4-5', 'whole: not bytes'],
  [`bytes=${every(16, 2)}`, every(16, 2).replaceAll(',', ' ')],
  [`bytes=${every(17, 2)}`, 'whole: several ranges'],
  [`bytes=${every(40, 1)}`, '0-39'],
  [`bytes=${Array.from({ length: 201 }, () => '0-0').join(',')}`, 'whole: several ranges'],
] as const) {
  test(`${value?.slice(0, 60)} of 100 bytes: ${expected.slice(0, 60)}`, () =>
    assert.equal(outcome(value, 100), expected));
}

test('whatever is asked, the parts lie apart, hold each byte that was asked for, and are no more than the file', () => {
  const range = fc.tuple(fc.nat(120), fc.nat(30)).map(([first, more]) => ({ first, last: first + more }));
  fc.assert(
    fc.property(fc.array(range, { minLength: 2, maxLength: 20 }), (ranges) => {
      const selected = selectParts(`bytes=${ranges.map(({ first, last }) => `${first}-${last}`).join(',')}`, 100);
      if (selected.verdict !== 'parts' && selected.verdict !== 'part') return;
      const parts = selected.verdict === 'part' ? [selected.range] : selected.ranges;
      const sent = parts.flatMap(({ first, last }) => Array.from({ length: last + 1 - first }, (_, i) => first + i));
      assert.equal(new Set(sent).size, sent.length);
      const wanted = ranges.flatMap(({ first, last }) =>
        Array.from({ length: Math.max(0, Math.min(last, 99) + 1 - first) }, (_, i) => first + i),
      );
      assert.deepEqual(
        sent.toSorted((a, b) => a - b),
        [...new Set(wanted)].sort((a, b) => a - b),
      );
    }),
  );
});

for (const value of ['bytes=0-0', 'bytes=0-', 'bytes=-1', 'bytes=-0', 'bytes=5-', 'bytes=0-0,5-9']) {
  test(`${value} of an empty file is all of it`, () => assert.equal(outcome(value, 0), 'whole: no range'));
}
