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
