import { isToken, splitList, trimSpace } from './list.ts';

/** Positions of the first and the last byte, both inclusive. */
export type ByteRange = { readonly first: number; readonly last: number };

export type RangeVerdict =
  | { verdict: 'whole'; why: 'no range' | 'not bytes' | 'malformed' | 'several ranges' }
  | { verdict: 'part'; range: ByteRange }
  | { verdict: 'unsatisfiable' };

/** Which bytes of a representation of `size` bytes does a Range field ask for? RFC 9110 §14.1.2, §14.2. */
export function selectRange(value: string | undefined, size: number): RangeVerdict {
  if (value === undefined) return { verdict: 'whole', why: 'no range' };
  const text = trimSpace(value);
  const equals = text.indexOf('=');
  const unit = text.slice(0, Math.max(equals, 0));
  if (!isToken(unit)) return { verdict: 'whole', why: 'malformed' };
  if (unit.toLowerCase() !== 'bytes') return { verdict: 'whole', why: 'not bytes' };
  const [spec, ...more] = splitList(text.slice(equals + 1));
  if (more.length > 0) return { verdict: 'whole', why: 'several ranges' };
  return selectOne(spec ?? '', size);
}

/** Several parts, in the order that they were asked for; overlapping ones are one. */
export type RangesVerdict = RangeVerdict | { verdict: 'parts'; ranges: readonly ByteRange[] };

/** More ranges than this are answered with the whole: each costs a frame, and nobody needs them (RFC 9110 §17.15). */
export const MOST_RANGES = 16;

/** As `selectRange`, several ranges included. RFC 9110 §14.2: what cannot be satisfied among them is left out. */
export function selectRanges(value: string | undefined, size: number): RangesVerdict {
  const verdict = selectRange(value, size);
  if (verdict.verdict !== 'whole' || verdict.why !== 'several ranges' || value === undefined) return verdict;
  const specs = splitList(value.slice(value.indexOf('=') + 1));
  if (specs.length > MOST_RANGES) return verdict;
  const selected = specs.map((spec) => selectOne(spec, size));
  if (selected.some((each) => each.verdict === 'whole')) return { verdict: 'whole', why: 'malformed' };
  const ranges = apart(selected.flatMap((each) => (each.verdict === 'part' ? [each.range] : [])));
  const [only] = ranges;
  if (only === undefined) return { verdict: 'unsatisfiable' };
  return ranges.length === 1 ? { verdict: 'part', range: only } : { verdict: 'parts', ranges };
}

// Overlapping ranges would let a small request ask for many times the whole (RFC 9110 §17.15).
function apart(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const merged: { first: number; last: number }[] = [];
  for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (before !== undefined && first <= before.last + 1) before.last = Math.max(before.last, last);
    else merged.push({ first, last });
  }
  return merged.length === ranges.length ? ranges : merged;
}

/** What a Content-Range field says of a part; undefined when it is none, or does not tell the length of the whole. RFC 9110 §14.4. */
export function parseContentRange(value: string | undefined): (ByteRange & { readonly size: number }) | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(trimSpace(value ?? ''));
  if (match === null) return undefined;
  const [first, last, size] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return first <= last && last < size ? { first, last, size } : undefined;
}

/** The value of Content-Range for a part of `size` bytes. RFC 9110 §14.4. */
export function contentRange(range: ByteRange, size: number): string {
  return `bytes ${range.first}-${range.last}/${size}`;
}

function selectOne(spec: string, size: number): RangeVerdict {
  const match = /^(\d*)-(\d*)$/.exec(spec);
  const [first, last] = [match?.[1] ?? '', match?.[2] ?? ''];
  if (first === '' && last === '') return { verdict: 'whole', why: 'malformed' };
  if (first === '') return part(Math.max(size - Number(last), 0), size - 1);
  if (last === '') return part(Number(first), size - 1);
  if (exceeds(first, last)) return { verdict: 'whole', why: 'malformed' };
  return part(Number(first), Math.min(Number(last), size - 1));
}

function part(first: number, last: number): RangeVerdict {
  return first <= last ? { verdict: 'part', range: { first, last } } : { verdict: 'unsatisfiable' };
}

// As digits: beyond 2^53 two different positions become the same Number.
function exceeds(a: string, b: string): boolean {
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return x.length === y.length ? x > y : x.length > y.length;
}
