/**
 * Regular expressions as those write them who know Varnish: what PCRE and JavaScript have in common, `(?i)` at the
 * beginning, and the rest of PCRE that means the same without running it. Everything else is refused: a pattern that is
 * understood in another way than it was meant would miss in silence.
 */

import { bracketed, escaped } from './pattern-characters.ts';
import { Cursor } from './pattern-cursor.ts';
import { type CharacterSet, caseless, eitherCase, everything, only } from './pattern-sets.ts';

export type Node =
  | { readonly is: 'set'; readonly set: CharacterSet }
  | { readonly is: 'sequence' | 'choice'; readonly parts: readonly Node[] }
  /** `most` may be Infinity. */
  | { readonly is: 'repeat'; readonly part: Node; readonly least: number; readonly most: number }
  | { readonly is: 'group'; readonly part: Node }
  | { readonly is: 'start' | 'end' | 'boundary' | 'no-boundary' }
  | { readonly is: 'look'; readonly sign: '=' | '!' | '<=' | '<!'; readonly part: Node }
  | { readonly is: 'reference'; readonly to: number };

/** PCRE has the same limit. */
const DEEPEST = 250;
const MOST_REPETITIONS = 1000;

type Reading = { readonly cursor: Cursor; readonly ignoresCase: boolean; depth: number; groups: number };

/** Reads a pattern; throws a `Mistake` where it cannot. */
export function parsePattern(source: string, ignoresCase: boolean): Node {
  const cursor = new Cursor(source);
  const isAnchored = cursor.takes('^');
  const flags = cursor.takesMatch(/\(\?([ims]+)\)/y);
  const reading = { cursor, ignoresCase: ignoresCase || flags?.[1]?.includes('i') === true, depth: 0, groups: 0 };
  const rest = choice(reading, isAnchored ? [{ is: 'start' }] : []);
  if (!cursor.isAtEnd) throw cursor.mistake('this ) closes nothing');
  return rest;
}

function choice(reading: Reading, first: readonly Node[] = []): Node {
  const parts = [sequence(reading, first)];
  while (reading.cursor.takes('|')) parts.push(sequence(reading, []));
  const [part] = parts;
  return parts.length === 1 && part !== undefined ? part : { is: 'choice', parts };
}

function sequence(reading: Reading, first: readonly Node[]): Node {
  const { cursor } = reading;
  const parts: Node[] = [...first];
  while (!cursor.isAtEnd && !cursor.isAt('|') && !cursor.isAt(')')) {
    if (cursor.takes('\\Q')) parts.push(...quoted(reading));
    else if (!cursor.takes('\\E')) parts.push(repeated(reading, atom(reading)));
  }
  return { is: 'sequence', parts };
}

// What follows the quotation repeats its last character.
function quoted(reading: Reading): Node[] {
  const parts = [...reading.cursor.until('\\E')].map((character) => literal(reading, character));
  const last = parts.pop();
  return last === undefined ? [] : [...parts, repeated(reading, last)];
}

function atom(reading: Reading): Node {
  const { cursor } = reading;
  if (cursor.takes('(')) return group(reading);
  if (cursor.takes('[')) return { is: 'set', set: bracketed(cursor, reading.ignoresCase) };
  if (cursor.takes('.')) return { is: 'set', set: everything };
  if (cursor.takes('^')) return { is: 'start' };
  if (cursor.takes('$')) return { is: 'end' };
  if (cursor.takes('\\')) return behindBackslash(reading);
  if (cursor.isAtMatch(/[*+?]|\{\d+(?:,\d*)?\}/y)) throw cursor.mistake('there is nothing to repeat here');
  return literal(reading, cursor.next());
}

const assertions: ReadonlyMap<string, Node> = new Map([
  ['b', { is: 'boundary' }],
  ['B', { is: 'no-boundary' }],
  ['A', { is: 'start' }],
  ['z', { is: 'end' }],
  ['Z', { is: 'end' }],
]);

function behindBackslash(reading: Reading): Node {
  const { cursor } = reading;
  const assertion = assertions.get(cursor.peek());
  if (assertion !== undefined) {
    cursor.next();
    return assertion;
  }
  const reference = cursor.takesMatch(/[1-9]/y);
  if (reference === undefined) return characters(reading, escaped(cursor));
  const to = Number(reference[0]);
  if (to > reading.groups) throw cursor.mistake(`there is no group ${to} before this`, -2);
  return { is: 'reference', to };
}

function literal(reading: Reading, character: string): Node {
  const code = character.charCodeAt(0);
  return { is: 'set', set: reading.ignoresCase ? eitherCase(code) : only(code) };
}

function characters({ ignoresCase }: Reading, set: CharacterSet): Node {
  return { is: 'set', set: ignoresCase ? caseless(set) : set };
}

function group(reading: Reading): Node {
  const { cursor } = reading;
  const opening = cursor.at - 1;
  reading.depth += 1;
  if (reading.depth > DEEPEST) throw cursor.mistake(`groups are nested more than ${DEEPEST} deep`, -1);
  const look = cursor.takesMatch(/\?(<?[=!])/y)?.[1];
  const isNumbered = look === undefined && cursor.takesMatch(/\?:/y) === undefined;
  if (isNumbered) {
    if (cursor.isAt('?') && cursor.takesMatch(/\?P?<\w+>/y) === undefined) {
      throw cursor.mistake('there is no group of this kind; flags such as (?i) stand at the beginning', -1);
    }
    reading.groups += 1;
  }
  const part = choice(reading);
  if (!cursor.takes(')')) throw cursor.mistakeAt('the ( that opens here is not closed', opening);
  reading.depth -= 1;
  if (look === '=' || look === '!' || look === '<=' || look === '<!') return { is: 'look', sign: look, part };
  return isNumbered ? { is: 'group', part } : part;
}

function repeated({ cursor }: Reading, part: Node): Node {
  const times = cursor.takesMatch(/[*+?]|\{(\d+)(,(\d*))?\}/y);
  if (times === undefined) return part;
  const [text, least, range, most] = times;
  if (part.is === 'start' || part.is === 'end' || part.is.endsWith('boundary') || part.is === 'look') {
    throw cursor.mistake('what has no length cannot be repeated', -text.length);
  }
  if (cursor.isAt('+')) throw cursor.mistake('there are no possessive repetitions here');
  cursor.takes('?');
  if (cursor.isAtMatch(/[*+?]|\{\d+(?:,\d*)?\}/y)) throw cursor.mistake('this repeats a repetition');
  const limits =
    least === undefined ? shorthand(text) : { least: Number(least), most: mostOf(Number(least), range, most) };
  if (limits.least > MOST_REPETITIONS || (limits.most > MOST_REPETITIONS && limits.most !== Number.POSITIVE_INFINITY)) {
    throw cursor.mistake(`more than ${MOST_REPETITIONS} repetitions`, -text.length);
  }
  if (limits.most < limits.least)
    throw cursor.mistake('the limits of this repetition are in the wrong order', -text.length);
  return { is: 'repeat', part, ...limits };
}

function shorthand(sign: string): { readonly least: number; readonly most: number } {
  return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Number.POSITIVE_INFINITY };
}

function mostOf(least: number, range: string | undefined, most: string | undefined): number {
  if (range === undefined) return least;
  return most === undefined || most === '' ? Number.POSITIVE_INFINITY : Number(most);
}
