/** Which parts of a file a Range field asks for, several included: pure. RFC 9110 §14.2, §15.3.7.2, §17.15. */

import { splitList } from '../semantics/list.ts';
import { type ByteRange, MOST_RANGES, type RangesVerdict, selectRange } from '../semantics/range.ts';

/** Ranges that are looked at; Apache httpd's `MaxRanges`. */
const mostAsked = 200;

/**
 * As `selectRange`, several ranges included: in the order that they were asked for, those that overlap or touch being one
 * at the place of the first. More parts than 16, or more bytes in all than the file has, are the whole: no client needs
 * that, and none shall have a file many times over for one request.
 */
export function selectParts(value: string | undefined, size: number): RangesVerdict {
  // There is no part of nothing, and a client that asks for one wants what there is (as nginx, Apache httpd, Go).
  if (size === 0) return { verdict: 'whole', why: 'no range' };
  const verdict = selectRange(value, size);
  if (value === undefined || verdict.verdict !== 'whole' || verdict.why !== 'several ranges') return verdict;
  const specs = splitList(value.slice(value.indexOf('=') + 1));
  if (specs.length > mostAsked) return verdict;
  const selected = specs.map((spec) => selectRange(`bytes=${spec}`, size));
  if (selected.some((each) => each.verdict === 'whole')) return { verdict: 'whole', why: 'malformed' };
  const asked = selected.flatMap((each) => (each.verdict === 'part' ? [each.range] : []));
  if (bytesIn(asked) > size) return verdict;
  const parts = apart(asked);
  const [only] = parts;
  if (only === undefined) return { verdict: 'unsatisfiable' };
  if (parts.length > MOST_RANGES) return verdict;
  return parts.length === 1 ? { verdict: 'part', range: only } : { verdict: 'parts', ranges: parts };
}

function bytesIn(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last + 1 - first, 0);
}

type Part = { first: number; last: number; at: number };

function apart(ranges: readonly ByteRange[]): ByteRange[] {
  const merged: Part[] = [];
  const inPlace = ranges.map((range, at): Part => ({ ...range, at }));
  for (const next of inPlace.sort((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (before === undefined || next.first > before.last + 1) merged.push(next);
    else {
      before.last = Math.max(before.last, next.last);
      before.at = Math.min(before.at, next.at);
    }
  }
  return merged.sort((a, b) => a.at - b.at).map(({ first, last }) => ({ first, last }));
}
