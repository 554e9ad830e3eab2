/** The characters that an escape or a bracket in a pattern stands for. */
import type { Cursor } from './pattern-cursor.ts';
import {
  type CharacterSet,
  caseless,
  classEscapes,
  inverse,
  only,
  posixClasses,
  range,
  union,
} from './pattern-sets.ts';

const controls: ReadonlyMap<string, number> = new Map([
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['f', 0x0c],
  ['v', 0x0b],
  ['a', 0x07],
  ['e', 0x1b],
]);

/** What stands behind a backslash, outside brackets. */
export function escaped(cursor: Cursor): CharacterSet {
  const set = classEscapes.get(cursor.peek());
  if (set === undefined) return only(escapedCode(cursor));
  cursor.next();
  return set;
}

/** What stands behind `[`, up to its end. */
export function bracketed(cursor: Cursor, ignoresCase: boolean): CharacterSet {
  const opening = cursor.at - 1;
  const isInverse = cursor.takes('^');
  const sets: CharacterSet[] = [];
  // At once behind the bracket a `]` is a character, in PCRE.
  for (let isFirst = true; isFirst || !cursor.takes(']'); isFirst = false) {
    if (cursor.isAtEnd) throw cursor.mistakeAt('the [ that opens here is not closed', opening);
    sets.push(member(cursor));
  }
  const set = ignoresCase ? caseless(union(sets)) : union(sets);
  return isInverse ? inverse(set) : set;
}

function member(cursor: Cursor): CharacterSet {
  const start = cursor.at;
  const first = posix(cursor) ?? single(cursor);
  if (typeof first !== 'number') return first;
  if (!cursor.isAt('-') || cursor.isAt('-]')) return only(first);
  cursor.next();
  const last = posix(cursor) ?? single(cursor);
  if (typeof last !== 'number') return union([only(first), only(0x2d), last]);
  if (last < first) throw cursor.mistakeAt('this range is in the wrong order', start);
  return range(first, last);
}

/** A character, or a set by its letter. */
function single(cursor: Cursor): number | CharacterSet {
  if (!cursor.takes('\\')) return cursor.next().charCodeAt(0);
  const set = classEscapes.get(cursor.peek());
  if (set === undefined) return cursor.takes('b') ? 0x08 : escapedCode(cursor);
  cursor.next();
  return set;
}

function posix(cursor: Cursor): CharacterSet | undefined {
  const found = cursor.takesMatch(/\[:(\^?)(\w*):\]/y);
  if (found === undefined) return undefined;
  const [text, sign, name = ''] = found;
  const set = posixClasses.get(name);
  if (set === undefined) throw cursor.mistake(`there is no class ${text}`, -text.length);
  return sign === '^' ? inverse(set) : set;
}

function escapedCode(cursor: Cursor): number {
  if (cursor.isAtEnd) throw cursor.mistake('there is nothing behind the last backslash', -1);
  const hex = cursor.takesMatch(/x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,2})\})/y);
  if (hex !== undefined) return Number.parseInt(hex[1] ?? hex[2] ?? '', 16);
  const character = cursor.next();
  const control = controls.get(character);
  if (control !== undefined) return control;
  if (/\w/.test(character) && character !== '_') throw cursor.mistake(`there is no \\${character} here`, -2);
  return character.charCodeAt(0);
}
