/**
 * Partial responses in the store (RFC 9111 §3.3, §3.4): which of them together are the answer to a request, and what is
 * missing between them. Parts are only put together when they have the same strong validator (RFC 9110 §15.3.7.3).
 */
import { ifRangeHolds } from '@trivet/kit/semantics/conditional.ts';
import { parseHttpDate } from '@trivet/kit/semantics/date.ts';
import { parseEntityTag } from '@trivet/kit/semantics/etag.ts';
import { type Fields, field, has } from '@trivet/kit/semantics/fields.ts';
import { trimSpace } from '@trivet/kit/semantics/list.ts';
import { type ByteRange, parseContentRange, selectRange } from '@trivet/kit/semantics/range.ts';

/** Where in a representation a stored part lies; `last` is that of the bytes that came. */
export type Part = ByteRange & {
  /** Of the whole representation; bytes. */
  readonly size: number;
  /** The Range field that it was the answer to. */
  readonly asked: string;
};

/** A stored part, as far as it is judged here. */
export type Fragment = {
  readonly part: Part;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
};

export type Slice<E> = { readonly entry: E; readonly range: ByteRange };

/** An answer put together: `range` of `size` bytes, as a part or (when it is all of them) as the whole. */
export type Assembly<E> = {
  readonly as: 'part' | 'whole';
  readonly range: ByteRange;
  readonly size: number;
  /** What is stored of it, in order. */
  readonly slices: readonly Slice<E>[];
  /** What is not, and lies between two of them, before or behind them. */
  readonly missing: ByteRange | undefined;
  readonly etag: string | undefined;
};

/** What the fresh parts of one variant, newest first, are good for; undefined: for nothing. */
export function assembly<E extends { readonly fragment: Fragment }>(
  stored: readonly E[],
  request: Fields,
): Assembly<E> | undefined {
  const [newest] = stored;
  if (newest === undefined || hasOtherConditions(request)) return undefined;
  const range = field(request, 'range');
  const same =
    range === undefined ? undefined : stored.find(({ fragment }) => fragment.part.asked === trimSpace(range));
  if (same !== undefined && !has(request, 'if-range')) return repeated(same);
  const { etag, lastModified, part } = newest.fragment;
  const wanted = wantedOf(request, range, { etag, lastModified, size: part.size });
  if (wanted === undefined) return undefined;
  const alike = stored.filter(({ fragment }) => fragment === newest.fragment || goTogether(fragment, newest.fragment));
  return covered(alike, wanted, newest.fragment);
}

/** Where the content of a 206 lies; undefined when it is no one part of a representation of known length. RFC 9110 §15.3.7.1. */
export function partOf(response: Fields, asked: string | undefined): Part | undefined {
  const range = parseContentRange(field(response, 'content-range'));
  const length = Number(field(response, 'content-length') ?? Number.NaN);
  if (range === undefined || asked === undefined) return undefined;
  const announced = range.last + 1 - range.first;
  // More than its range says cannot be placed; less is what came of it.
  if (length > announced || length === 0) return undefined;
  return { ...range, last: Number.isNaN(length) ? range.last : range.first + length - 1, asked: trimSpace(asked) };
}

/** Is it all of the representation? */
export function isComplete({ first, last, size }: Part): boolean {
  return first === 0 && last === size - 1;
}

/**
 * The Range field under which a request is fetched when nothing of it is stored. Several ranges, and all from the first
 * byte on, are best cut from the whole, which then is stored for everybody.
 */
export function rangeToAsk(method: string, request: Fields): string | undefined {
  const range = method === 'GET' ? field(request, 'range') : undefined;
  if (range === undefined || hasOtherConditions(request)) return undefined;
  const match = /^bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))$/i.exec(trimSpace(range));
  if (match === null || (Number(match[1]) === 0 && match[2] === '')) return undefined;
  return match[2] && Number(match[2]) < Number(match[1]) ? undefined : trimSpace(range);
}

/** The Range field that asks for what is missing. */
export function rangeOf({ missing, size }: { readonly missing: ByteRange; readonly size: number }): string {
  return `bytes=${missing.first}-${missing.last === size - 1 ? '' : missing.last}`;
}

/** Is a 206 the missing piece of an assembly? RFC 9111 §3.4. */
export function fits({ missing, size, etag }: Assembly<unknown>, response: Fields): boolean {
  const range = parseContentRange(field(response, 'content-range'));
  if (range === undefined || missing === undefined || range.size !== size) return false;
  return range.first === missing.first && range.last === missing.last && isSameStrong(etag, field(response, 'etag'));
}

const otherConditions = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'];

function hasOtherConditions(request: Fields): boolean {
  return otherConditions.some((name) => has(request, name));
}

function repeated<E extends { readonly fragment: Fragment }>(entry: E): Assembly<E> {
  const { first, last, size } = entry.fragment.part;
  const range = { first, last };
  return { as: 'part', range, size, slices: [{ entry, range }], missing: undefined, etag: entry.fragment.etag };
}

type Known = { readonly etag: string | undefined; readonly lastModified: string | undefined; readonly size: number };
type Wish = Pick<Assembly<never>, 'as' | 'range'>;

function wantedOf(request: Fields, range: string | undefined, { etag, lastModified, size }: Known): Wish | undefined {
  const all: Wish = { as: 'whole', range: { first: 0, last: size - 1 } };
  if (range === undefined) return all;
  if (!ifRangeHolds(request, { etag, lastModified: parseHttpDate(lastModified ?? '') })) return all;
  const selected = selectRange(range, size);
  if (selected.verdict === 'part') return { as: 'part', range: selected.range };
  return selected.verdict === 'whole' && selected.why !== 'several ranges' ? all : undefined;
}

function goTogether(a: Fragment, b: Fragment): boolean {
  return a.part.size === b.part.size && isSameStrong(a.etag, b.etag);
}

function isSameStrong(a: string | undefined, b: string | undefined): boolean {
  const [first, second] = [parseEntityTag(a ?? ''), parseEntityTag(b ?? '')];
  return first !== undefined && second !== undefined && !first.weak && !second.weak && first.opaque === second.opaque;
}

function covered<E extends { readonly fragment: Fragment }>(
  stored: readonly E[],
  { as, range }: Wish,
  { part, etag }: Fragment,
): Assembly<E> | undefined {
  const slices = slicesOf(stored, range);
  const [missing, ...more] = gapsIn(slices, range);
  if (slices.length === 0 || more.length > 0) return undefined;
  // Without a strong validator nobody could tell whether the missing piece is of the same representation.
  if (missing !== undefined && !isSameStrong(etag, etag)) return undefined;
  return { as, range, size: part.size, slices, missing, etag };
}

function slicesOf<E extends { readonly fragment: Fragment }>(stored: readonly E[], wanted: ByteRange): Slice<E>[] {
  const slices: Slice<E>[] = [];
  let at = wanted.first;
  for (const entry of stored.toSorted((a, b) => a.fragment.part.first - b.fragment.part.first)) {
    const { part } = entry.fragment;
    const range = { first: Math.max(part.first, at), last: Math.min(part.last, wanted.last) };
    if (range.first > range.last) continue;
    slices.push({ entry, range });
    at = range.last + 1;
  }
  return slices;
}

function gapsIn(slices: readonly Slice<unknown>[], { first, last }: ByteRange): ByteRange[] {
  const starts = [...slices.map(({ range }) => range.first), last + 1];
  const ends = [first - 1, ...slices.map(({ range }) => range.last)];
  return starts.flatMap((start, i) => {
    const gap = { first: (ends[i] ?? last) + 1, last: start - 1 };
    return gap.first <= gap.last ? [gap] : [];
  });
}
