/**
 * What the names of a request's fields tell at one look: most requests have none of those that make a difference, and a
 * hit would otherwise search for each of them.
 */
import { type Fields, isNamed } from '@trivet/kit/semantics/fields.ts';

export const SPEAKS_OF_CACHES = 1;
export const HAS_COOKIE = 2;
export const IS_CONDITIONAL = 4;
export const HAS_RANGE = 8;

type Telling = readonly [name: string, traits: number];

const telling: readonly Telling[] = [
  ['cache-control', SPEAKS_OF_CACHES],
  ['pragma', SPEAKS_OF_CACHES],
  ['cookie', HAS_COOKIE],
  ['if-match', IS_CONDITIONAL],
  ['if-none-match', IS_CONDITIONAL],
  ['if-modified-since', IS_CONDITIONAL],
  ['if-unmodified-since', IS_CONDITIONAL],
  ['if-range', IS_CONDITIONAL],
  ['range', IS_CONDITIONAL | HAS_RANGE],
];

const longest = Math.max(...telling.map(([name]) => name.length));
const byLength: readonly (readonly Telling[])[] = Array.from({ length: longest + 1 }, (_, length) =>
  telling.filter(([name]) => name.length === length),
);
const none: readonly Telling[] = [];

/** The traits of a request, one bit each. */
export function traitsOf(request: Fields): number {
  let traits = 0;
  for (let i = 0; i < request.length; i += 2) traits |= traitsOfName(request[i] ?? '');
  return traits;
}

function traitsOfName(name: string): number {
  for (const [lowerName, traits] of byLength[name.length] ?? none) {
    if (isNamed(name, lowerName)) return traits;
  }
  return 0;
}
