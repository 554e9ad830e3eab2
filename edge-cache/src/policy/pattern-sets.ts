/** Sets of characters as patterns name them. Fields are Latin-1 (RFC 9110 §5.5): a set has 256 characters, and the others. */

/** By character code, 1 where it belongs; the last stands for all codes above. */
export type CharacterSet = Uint8Array;

export const OTHERS = 256;

const SPACES = '\t\n\v\f\r ';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** The characters from one code to another, both included. */
export function range(from: number, to: number): CharacterSet {
  return new Uint8Array(OTHERS + 1).fill(1, from, Math.min(to + 1, OTHERS));
}

// Patterns are mostly letters, and bans are kept by the thousand: each letter has one set for all of them.
const single = new Map<number, CharacterSet>();
const singleOfEitherCase = new Map<number, CharacterSet>();

/** A character alone; not to be changed. */
export function only(code: number): CharacterSet {
  const set = single.get(code) ?? range(code, code);
  single.set(code, set);
  return set;
}

/** A letter in both of its cases; not to be changed. */
export function eitherCase(code: number): CharacterSet {
  const set = singleOfEitherCase.get(code) ?? caseless(only(code));
  singleOfEitherCase.set(code, set);
  return set;
}

function anyOf(characters: string): CharacterSet {
  return union([...characters].map((character) => only(character.charCodeAt(0))));
}

export function union(sets: readonly CharacterSet[]): CharacterSet {
  const all = new Uint8Array(OTHERS + 1);
  for (const set of sets) {
    set.forEach((belongs, code) => {
      if (belongs === 1) all[code] = 1;
    });
  }
  return all;
}

export function inverse(set: CharacterSet): CharacterSet {
  return set.map((belongs) => 1 - belongs);
}

/** With every letter its other case. */
export function caseless(set: CharacterSet): CharacterSet {
  const upper = new Set<string>();
  set.forEach((belongs, code) => {
    if (belongs === 1 && code < OTHERS) upper.add(String.fromCharCode(code).toUpperCase());
  });
  return set.map((belongs, code) => (belongs === 1 || upper.has(String.fromCharCode(code).toUpperCase()) ? 1 : 0));
}

const digits = anyOf('0123456789');
const upper = range(0x41, 0x5a);
const lower = range(0x61, 0x7a);
const letters = union([upper, lower]);
const wordCharacters = union([letters, digits, anyOf('_')]);

export const everything: CharacterSet = new Uint8Array(OTHERS + 1).fill(1);
export const isWordCharacter = (code: number | undefined): boolean => code !== undefined && wordCharacters[code] === 1;

const horizontal = anyOf('\t \xa0');

/** `\d`, `\w` and the like, by their letter. */
export const classEscapes: ReadonlyMap<string, CharacterSet> = new Map([
  ['d', digits],
  ['D', inverse(digits)],
  ['w', wordCharacters],
  ['W', inverse(wordCharacters)],
  ['s', anyOf(SPACES)],
  ['S', inverse(anyOf(SPACES))],
  ['h', horizontal],
  ['H', inverse(horizontal)],
  ['N', everything],
]);

/** `[:alpha:]` and the like, by their name. */
export const posixClasses: ReadonlyMap<string, CharacterSet> = new Map([
  ['alnum', union([letters, digits])],
  ['alpha', letters],
  ['ascii', range(0, 0x7f)],
  ['blank', anyOf(' \t')],
  ['cntrl', union([range(0, 0x1f), only(0x7f)])],
  ['digit', digits],
  ['graph', range(0x21, 0x7e)],
  ['lower', lower],
  ['print', range(0x20, 0x7e)],
  ['punct', anyOf(PUNCTUATION)],
  ['space', anyOf(SPACES)],
  ['upper', upper],
  ['word', wordCharacters],
  ['xdigit', anyOf('0123456789abcdefABCDEF')],
]);
