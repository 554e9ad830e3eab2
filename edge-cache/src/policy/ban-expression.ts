/**
 * Bans as Varnish writes them: `req.url ~ ^/x && obj.http.content-type ~ "^image/"`. What is wrong is refused with its
 * place: a ban that misses is noticed too late.
 */
import { canonicalHost } from '@trivet/kit/semantics/host.ts';
import { isToken } from '@trivet/kit/semantics/list.ts';
import { type BanTest, type Subject, testOf } from './ban-condition.ts';
import { type Word, type Wrong, words, written } from './ban-lexer.ts';

/** A ban, made ready once. It is meant for the responses that pass all of its tests. */
export type Ban = {
  readonly tests: readonly BanTest[];
  /** The expression in the one spelling that it has here. */
  readonly text: string;
  /** The same for all bans that mean the same: the tests, each once, in one order. */
  readonly key: string;
  /** Does it ask for fields of a request? Then each request has an answer of its own. */
  readonly needsRequest: boolean;
  /** Given again later, is it meant for all that it was meant for before? Not where it picks what is young. */
  readonly isLasting: boolean;
};

export type BanReading =
  | { readonly verdict: 'ban'; readonly ban: Ban }
  | { readonly verdict: 'bad'; readonly why: string; readonly line: number; readonly column: number };

/** Ten thousand bans are kept, and their texts with them. */
const MOST_CHARACTERS = 8 * 1024;

const subjects: ReadonlyMap<string, Subject> = new Map([
  ['req.url', { of: 'url' }],
  ['obj.status', { of: 'status' }],
  ['obj.age', { of: 'age' }],
  ['obj.ttl', { of: 'ttl' }],
  ['obj.grace', { of: 'grace' }],
  ['obj.keep', { of: 'keep' }],
]);

/** Reads an expression: `field operator value`, joined by `&&`. Line and column count from 1. */
export function parseBan(text: string): BanReading {
  const tests = text.length > MOST_CHARACTERS ? tooLong : testsOf(text);
  if (!('why' in tests)) return { verdict: 'ban', ban: banOf(tests) };
  const before = text.slice(0, tests.at).split('\n');
  return { verdict: 'bad', why: tests.why, line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

const tooLong: Wrong = { why: `the expression is longer than ${MOST_CHARACTERS} characters`, at: MOST_CHARACTERS };

function banOf(tests: readonly BanTest[]): Ban {
  const texts = tests.map(({ subject, operator, value }) => `${nameOf(subject)} ${operator} ${written(value)}`);
  return {
    // What is found out fast is asked first.
    tests: [...tests].sort((a, b) => costOf(a) - costOf(b)),
    text: texts.join(' && '),
    key: [...new Set(texts)].sort().join(' && '),
    needsRequest: tests.some(({ subject }) => subject.of === 'request'),
    isLasting: tests.every(isLasting),
  };
}

function costOf({ subject, by }: BanTest): number {
  if (subject.of === 'request') return 3;
  return subject.of === 'response' ? 2 : Number(by === 'pattern');
}

function isLasting({ subject, operator }: BanTest): boolean {
  if (subject.of === 'age') return operator === '>' || operator === '>=';
  return subject.of !== 'ttl' || operator === '<' || operator === '<=';
}

function testsOf(text: string): readonly BanTest[] | Wrong {
  const found = words(text);
  if ('why' in found) return found;
  const end = text.length;
  if (found.length === 0) return { why: 'expected a test: field, operator, value', at: end };
  const tests: BanTest[] = [];
  for (let i = 0; i < found.length; i += 4) {
    const test = readTest(found.slice(i, i + 3), end);
    if ('why' in test) return test;
    tests.push(test);
    const wrong = notJoined(found[i + 3], i + 4 < found.length, end);
    if (wrong !== undefined) return wrong;
  }
  return tests;
}

function readTest([name, operator, value]: readonly Word[], end: number): BanTest | Wrong {
  if (name === undefined || isJoin(name)) return { why: 'expected a field', at: name?.at ?? end };
  const subject = subjectOf(name);
  if ('why' in subject) return subject;
  if (operator === undefined) return { why: `expected an operator behind ${name.text}`, at: end };
  if (value === undefined || isJoin(value)) {
    return { why: `expected a value behind ${operator.text}`, at: value?.at ?? end };
  }
  // A host has one spelling here, as it has where responses are stored.
  const isHost = subject.of === 'host' && !operator.text.includes('~');
  return testOf(subject, operator, isHost ? { ...value, text: canonicalHost(value.text) } : value);
}

function isJoin({ text, isQuoted }: Word): boolean {
  return text === '&&' && !isQuoted;
}

function notJoined(join: Word | undefined, goesOn: boolean, end: number): Wrong | undefined {
  if (join === undefined) return undefined;
  if (isJoin(join)) return goesOn ? undefined : { why: 'expected a test behind &&', at: end };
  const alternative = join.text === '||' ? '; give two bans for "or"' : '';
  return { why: `expected && or the end, not ${join.text}${alternative}`, at: join.at };
}

function subjectOf({ text, isQuoted, at }: Word): Subject | Wrong {
  if (isQuoted) return { why: 'expected a field, not a text in quotes', at };
  if (text.startsWith('req.http.')) return ofField('request', text, at);
  if (text.startsWith('obj.http.')) return ofField('response', text, at);
  const subject = subjects.get(text);
  const fields = 'req.url, req.http.*, obj.status, obj.http.*, obj.age, obj.ttl, obj.grace, obj.keep';
  return subject ?? { why: `there is no field ${text}; there are ${fields}`, at };
}

function ofField(of: 'request' | 'response', text: string, at: number): Subject | Wrong {
  const name = text.slice('obj.http.'.length).toLowerCase();
  if (!isToken(name)) return { why: `expected the name of a header field behind ${text.slice(0, 9)}`, at: at + 9 };
  return of === 'request' && name === 'host' ? { of: 'host' } : { of, name };
}

function nameOf(subject: Subject): string {
  switch (subject.of) {
    case 'url':
      return 'req.url';
    case 'host':
      return 'req.http.host';
    case 'request':
      return `req.http.${subject.name}`;
    case 'response':
      return `obj.http.${subject.name}`;
    case 'status':
    case 'age':
    case 'ttl':
    case 'grace':
    case 'keep':
      return `obj.${subject.of}`;
  }
}
