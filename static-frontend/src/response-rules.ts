/** What a route changes of every answer, after everybody else has spoken. Pure. */
import { type Fields, field, withField, without } from '@trivet/kit/semantics/fields.ts';
import type { ResponseRules } from './define-site.ts';

/** The fields as the rules of their route leave them: some removed, some set, some added, in this order. */
export function byRules(fields: Fields, rules: ResponseRules | undefined): string[] {
  if (rules === undefined) return [...fields];
  const { remove = [], set = {}, add = {} } = rules;
  const removed = new Set([...remove, ...Object.keys(set)].map((name) => name.toLowerCase()));
  const changed = [...without(fields, (name) => removed.has(name)), ...pairs(set), ...pairs(add)];
  return withBoundary(fields, changed);
}

/** The same with `own` behind them, what this tier says of the exchange; the rules may speak of that, too. */
export function lastWord(fields: Fields, own: Fields, rules: ResponseRules | undefined): string[] {
  const changed = byRules(fields, rules);
  if (rules === undefined || !speakOfTheExchange(rules)) return [...changed, ...own];
  const { remove = [], set = {} } = rules;
  const removed = new Set([...remove, ...Object.keys(set)].map((name) => name.toLowerCase()));
  return [...changed, ...without(own, (name) => removed.has(name))];
}

/** Do the rules change what is said anew of each exchange (X-Request-Id is nobody's to change)? */
export function speakOfTheExchange({ remove = [], set = {} }: ResponseRules): boolean {
  return [...remove, ...Object.keys(set)].some((name) => name.toLowerCase() === 'server-timing');
}

/** With the media type of `before` where that tells how the body is divided. RFC 9110 §14.6. */
export function withBoundary(before: Fields, after: readonly string[]): string[] {
  const type = field(before, 'content-type');
  if (type === undefined || !/^multipart\/byteranges\b/i.test(type) || field(after, 'content-type') === type) {
    return [...after];
  }
  return withField(after, 'Content-Type', type);
}

function pairs(fields: Readonly<Record<string, string>>): string[] {
  return Object.entries(fields).flat();
}
