/** What the parser, which knows a list of methods and no others, calls malformed, told apart. Pure. */
import { METHODS } from 'node:http';
import type { RawHeadSoFar } from './head-watch.ts';

const known: ReadonlySet<string> = new Set(METHODS);

/** Methods are written in capitals, though the grammar would take others: small letters are refused as malformed. */
const method = /^[A-Z][A-Z0-9_-]*$/;
const restOfLine = /^[^ ]+ HTTP\/1\.[01]$/;
const restSoFar = /^[^ ]*(?: (?:H(?:T(?:T(?:P(?:\/(?:1(?:\.[01]?)?)?)?)?)?)?)?)?\r?$/;

/** Is the method of a request line, whole or in part, one of those the parser knows? */
export function methodOf({ line, isLineWhole }: RawHeadSoFar): 'known' | 'unknown' | 'perhaps unknown' | 'malformed' {
  const blank = line.indexOf(' ');
  const name = blank < 0 ? line : line.slice(0, blank);
  if (!method.test(name)) return 'malformed';
  if (blank < 0) return isLineWhole ? 'malformed' : soFar(name);
  if (known.has(name)) return 'known';
  const rest = line.slice(blank + 1);
  if (isLineWhole) return restOfLine.test(rest) ? 'unknown' : 'malformed';
  return restSoFar.test(rest) ? 'perhaps unknown' : 'malformed';
}

function soFar(name: string): 'known' | 'perhaps unknown' {
  return METHODS.some((other) => other.startsWith(name)) ? 'known' : 'perhaps unknown';
}
