/** Is a ban meant for a stored response? Asked of the response alone, of one that is still to come, or with a request. */
import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import type { BanTest, Instant, Order } from './ban-condition.ts';
import type { Ban } from './ban-expression.ts';
import type { Lifetime } from './lifetime.ts';

/** What of a response is known once its head is here. */
export type BanHead = {
  readonly status: number;
  readonly life: Lifetime;
  /** All lines of a field, joined with ', '; undefined when there is none. `name` in lower case. */
  field(name: string): string | undefined;
};

/** What a ban may be meant for: the place it was fetched for, and its head once it is here. */
export type BanObject = { readonly host: string; readonly path: string; readonly head: BanHead | undefined };

/** `unknown`: what it depends on is not here, the request or the head. */
export type BanVerdict = boolean | 'unknown';

/**
 * Is it meant? `at` is when the ban was given, in milliseconds since the epoch: age and time left are those of that moment,
 * so that it does not matter when it is asked.
 */
export function banMatches({ tests }: Ban, object: BanObject, request: Fields | undefined, at: number): BanVerdict {
  let isKnown = true;
  for (const test of tests) {
    const passed = passes(test, object, request, at);
    if (passed === false) return false;
    if (passed === 'unknown') isKnown = false;
  }
  return isKnown ? true : 'unknown';
}

function passes(test: BanTest, object: BanObject, request: Fields | undefined, at: number): BanVerdict {
  const { subject } = test;
  switch (subject.of) {
    case 'url':
      return holds(test, object.path);
    case 'host':
      return holds(test, object.host);
    case 'request':
      return request === undefined ? 'unknown' : holds(test, field(request, subject.name));
    case 'response':
      return object.head === undefined ? 'unknown' : holds(test, object.head.field(subject.name));
    case 'status':
      return object.head === undefined ? 'unknown' : holdsNumber(test, object.head.status);
    case 'age':
    case 'ttl':
    case 'grace':
    case 'keep':
      return object.head === undefined ? 'unknown' : holdsNumber(test, measured(subject.of, object.head.life, at));
  }
}

// What a field is not there for is different from everything, and like no pattern.
function holds(test: BanTest, value: string | undefined): boolean {
  if (test.by === 'pattern') return (value !== undefined && test.pattern.test(value)) === (test.operator === '~');
  return (value === test.value) === (test.operator === '==');
}

function holdsNumber(test: BanTest, value: number): boolean {
  return test.by === 'number' ? compared(test.operator, value, test.amount) : holds(test, String(value));
}

function compared(operator: Order, value: number, amount: number): boolean {
  switch (operator) {
    case '==':
      return value === amount;
    case '!=':
      return value !== amount;
    case '<':
      return value < amount;
    case '<=':
      return value <= amount;
    case '>':
      return value > amount;
    case '>=':
      return value >= amount;
  }
}

/** Milliseconds. Grace follows upon the time that it is fresh, and keep upon all that is served from. */
function measured(what: Instant, life: Lifetime, at: number): number {
  switch (what) {
    case 'age':
      return Math.max(0, at - life.born);
    case 'ttl':
      return life.freshUntil - at;
    case 'grace':
      return Math.max(0, life.graceUntil - life.freshUntil);
    case 'keep':
      return Math.max(0, life.keepUntil - Math.max(life.freshUntil, life.graceUntil, life.errorUntil));
  }
}
