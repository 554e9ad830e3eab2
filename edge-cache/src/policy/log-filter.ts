/**
 * The small language in which an operator says which exchanges he wants to see:
 * `status >= 500 or (cache == miss and url ~ ^/api)`. A field alone asks whether there is such a thing: `fault`.
 */
import { type Pattern, readPattern } from './ban-pattern.ts';

export type Value = string | number | undefined;
export type Predicate = (of: (field: string) => Value) => boolean;
export type FilterReading =
  | { readonly verdict: 'filter'; readonly matches: Predicate }
  /** `column` counts from 1. */
  | { readonly verdict: 'bad'; readonly why: string; readonly column: number };

/** The fields there are; those that are numbers can be put in order. */
export const filterFields: Readonly<Record<string, 'number' | 'text'>> = {
  id: 'text',
  method: 'text',
  host: 'text',
  url: 'text',
  status: 'number',
  cache: 'text',
  fwd: 'text',
  ttl: 'number',
  detail: 'text',
  trail: 'text',
  bytes: 'number',
  ms: 'number',
  ttfb: 'number',
  client: 'text',
  region: 'text',
  fault: 'text',
  outcome: 'text',
  agent: 'text',
  referer: 'text',
};

const LONGEST = 2000;
const DEEPEST = 50;
const operators = ['==', '!=', '!~', '<=', '>=', '~', '<', '>'] as const;
type Operator = (typeof operators)[number];

/** Reads a filter. Never throws. */
export function readFilter(text: string): FilterReading {
  if (text.length > LONGEST)
    return { verdict: 'bad', why: `a filter has ${LONGEST} characters at most`, column: LONGEST };
  try {
    const reader = new Reader(text);
    const matches = either(reader, 0);
    if (!reader.isAtEnd) reader.fail('"and", "or" or the end is expected');
    return { verdict: 'filter', matches };
  } catch (error) {
    if (error instanceof Mistake) return { verdict: 'bad', why: error.message, column: error.column };
    throw error;
  }
}

class Mistake extends Error {
  readonly column: number;

  constructor(why: string, at: number) {
    super(why);
    this.column = at + 1;
  }
}

/** A place in the text. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipSpace();
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  get at(): number {
    return this.#at;
  }

  fail(why: string, at = this.#at): never {
    throw new Mistake(why, at);
  }

  /** Takes what the pattern, which is sticky, finds here. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found === undefined) return undefined;
    this.#at += found.length;
    this.#skipSpace();
    return found;
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }
}

function either(reader: Reader, depth: number): Predicate {
  const terms = [both(reader, depth)];
  while (reader.take(/\|\||or\b/y) !== undefined) terms.push(both(reader, depth));
  return terms.length === 1 ? (terms[0] as Predicate) : (of) => terms.some((term) => term(of));
}

function both(reader: Reader, depth: number): Predicate {
  const terms = [single(reader, depth)];
  while (reader.take(/&&|and\b/y) !== undefined) terms.push(single(reader, depth));
  return terms.length === 1 ? (terms[0] as Predicate) : (of) => terms.every((term) => term(of));
}

function single(reader: Reader, depth: number): Predicate {
  if (depth > DEEPEST) reader.fail(`more than ${DEEPEST} levels are not read`);
  if (reader.take(/!|not\b/y) !== undefined) {
    const denied = single(reader, depth + 1);
    return (of) => !denied(of);
  }
  if (reader.take(/\(/y) === undefined) return comparison(reader);
  const inner = either(reader, depth + 1);
  if (reader.take(/\)/y) === undefined) reader.fail('")" is expected');
  return inner;
}

function comparison(reader: Reader): Predicate {
  const { at } = reader;
  const name = reader.take(/[A-Za-z]+/y) ?? reader.fail('the name of a field is expected');
  const kind = Object.hasOwn(filterFields, name) ? filterFields[name] : undefined;
  if (kind === undefined) {
    return reader.fail(`there is no field ${name}; there are ${Object.keys(filterFields).join(' ')}`, at);
  }
  const operator = operatorOf(reader);
  return operator === undefined ? (of) => of(name) !== undefined : compared(reader, { name, kind, operator });
}

function operatorOf(reader: Reader): Operator | undefined {
  const { at } = reader;
  const given = reader.take(/[=!~<>]+/y);
  if (given === undefined) return undefined;
  return operators.find((one) => one === given) ?? reader.fail(`${given} is none of ${operators.join(' ')}`, at);
}

type Compared = { readonly name: string; readonly kind: 'number' | 'text'; readonly operator: Operator };

function compared(reader: Reader, { name, kind, operator }: Compared): Predicate {
  const { at } = reader;
  const given = literal(reader);
  if (operator === '~' || operator === '!~') {
    const pattern = regular(reader, given, at);
    const finds: Predicate = (of) => pattern.test(String(of(name) ?? ''));
    return operator === '~' ? finds : (of) => !finds(of);
  }
  if (kind === 'number') return byNumber(name, operator, numberOf(given) ?? reader.fail(`${name} is a number`, at));
  if (operator !== '==' && operator !== '!=') {
    return reader.fail(`${name} is a text, which ${operator} does not compare`, at);
  }
  return (of) => (of(name) === given) === (operator === '==');
}

function numberOf(text: string): number | undefined {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}

// What an exchange does not have is not equal to anything, and neither more nor less.
function byNumber(name: string, operator: Exclude<Operator, '~' | '!~'>, given: number): Predicate {
  const holds = ordered(operator, given);
  return (of) => {
    const value = of(name);
    return typeof value === 'number' ? holds(value) : operator === '!=';
  };
}

function ordered(operator: Exclude<Operator, '~' | '!~'>, given: number): (value: number) => boolean {
  switch (operator) {
    case '==':
      return (value) => value === given;
    case '!=':
      return (value) => value !== given;
    case '<':
      return (value) => value < given;
    case '<=':
      return (value) => value <= given;
    case '>':
      return (value) => value > given;
    case '>=':
      return (value) => value >= given;
  }
}

/** A bare word, or a text in quotes, in which a backslash stands before a quote or a backslash that is meant. */
function literal(reader: Reader): string {
  const { at } = reader;
  const quoted = reader.take(/"(?:[^"\\]|\\.)*"/y);
  // Other backslashes stay: they are the regular expression's.
  if (quoted !== undefined) return quoted.slice(1, -1).replace(/\\(["\\])/g, '$1');
  const bare = reader.take(/(?:(?!&&|\|\|)[^\s()"])+/y);
  return bare ?? reader.fail('a value is expected: a word, or a text in quotes', at);
}

// As those of bans: run over what anybody may have asked for, none may take long.
function regular(reader: Reader, source: string, at: number): Pattern {
  const reading = readPattern(source, false);
  return reading.verdict === 'pattern' ? reading.pattern : reader.fail(reading.why, at);
}
