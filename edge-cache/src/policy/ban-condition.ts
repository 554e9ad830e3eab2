/** One test of a ban: which of its operators a field has, and what its value must be. */
import { positionIn, type Word, type Wrong } from './ban-lexer.ts';
import { type Pattern, readPattern } from './ban-pattern.ts';

export type Instant = 'age' | 'ttl' | 'grace' | 'keep';

/** What is tested. The URL and the host are those that the response was stored for. */
export type Subject =
  | { readonly of: 'url' | 'host' | 'status' }
  | { readonly of: 'request' | 'response'; readonly name: string }
  | { readonly of: Instant };

export type Order = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type BanTest = { readonly subject: Subject; readonly value: string } & (
  | { readonly by: 'text'; readonly operator: '==' | '!=' }
  | { readonly by: 'pattern'; readonly operator: '~' | '!~'; readonly pattern: Pattern }
  /** A status, or milliseconds. */
  | { readonly by: 'number'; readonly operator: Order; readonly amount: number }
);

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};
const orders: ReadonlySet<string> = new Set<Order>(['==', '!=', '<', '<=', '>', '>=']);

/** Puts a test together from its three words. */
export function testOf(subject: Subject, operator: Word, value: Word): BanTest | Wrong {
  const given = operator.isQuoted ? '' : operator.text;
  const isTime = subject.of === 'age' || subject.of === 'ttl' || subject.of === 'grace' || subject.of === 'keep';
  if ((given === '~' || given === '!~') && !isTime) return byPattern(subject, given, value);
  if ((isTime || subject.of === 'status') && isOrder(given)) return byNumber(subject, given, value);
  if (given === '==' || given === '!=') return { subject, by: 'text', operator: given, value: value.text };
  return { why: `expected ${expected(isTime, subject)}, not ${operator.text}`, at: operator.at };
}

function expected(isTime: boolean, { of }: Subject): string {
  if (isTime) return 'one of == != < <= > >=';
  return of === 'status' ? 'one of == != ~ !~ < <= > >=' : 'one of == != ~ !~';
}

function isOrder(text: string): text is Order {
  return orders.has(text);
}

function byPattern(subject: Subject, operator: '~' | '!~', value: Word): BanTest | Wrong {
  // Hosts are kept in lower case, so a pattern for them has no case either.
  const reading = readPattern(value.text, subject.of === 'host');
  if (reading.verdict === 'bad') return { why: reading.why, at: positionIn(value, reading.at) };
  return { subject, by: 'pattern', operator, value: value.text, pattern: reading.pattern };
}

function byNumber(subject: Subject, operator: Order, { text, at }: Word): BanTest | Wrong {
  const isStatus = subject.of === 'status';
  const amount = isStatus ? statusOf(text) : millisecondsOf(text);
  if (amount !== undefined) return { subject, by: 'number', operator, value: text, amount };
  const example = isStatus ? 'a status of three digits' : 'a duration such as 1.5h (units: ms, s, m, h, d, w, y)';
  return { why: `expected ${example}, not ${text}`, at };
}

function statusOf(text: string): number | undefined {
  return /^\d{3}$/.test(text) ? Number(text) : undefined;
}

function millisecondsOf(text: string): number | undefined {
  const [, amount, unit = ''] = /^(-?\d{1,12}(?:\.\d{1,9})?)(ms|[smhdwy])$/.exec(text) ?? [];
  const factor = units[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}
