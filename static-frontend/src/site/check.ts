/** Checks over what a user wrote, which may be plain JavaScript: nothing about its shape is taken for granted. */
import { inspect } from 'node:util';
import { duration, size } from '@trivet/kit/process/units.ts';

export type Loose = Readonly<Record<string, unknown>>;

/** What is wrong with a value, in words that follow its name; undefined when nothing is. */
export type Check = (value: unknown) => string | undefined;

export type Checks = Readonly<Record<string, Check>>;

/** The problems of an object at `where`: keys that nobody knows, keys that are missing, values that are wrong. */
export function problemsOf(where: string, value: unknown, checks: Checks, needed: readonly string[] = []): string[] {
  if (!isRecord(value)) return [`${where}: is an object of ${Object.keys(checks).join(', ')}`];
  const found = Object.entries(checks).flatMap(([key, check]) => {
    if (value[key] === undefined && !needed.includes(key)) return [];
    const problem = check(value[key]);
    return problem === undefined ? [] : [`${where}.${key}: ${problem}`];
  });
  return [...unknownKeys(where, value, Object.keys(checks)), ...found];
}

/** A check by the problems of an object. */
export function object(checks: Checks, needed: readonly string[] = []): Check {
  return (value) => {
    const problems = problemsOf('', value, checks, needed);
    return problems.length === 0 ? undefined : problems.map((problem) => problem.replace(/^(?:: |\.)/, '')).join('; ');
  };
}

/** Is each value of an object, or each item of a list, what it should be? */
export function each(check: Check, what: string): Check {
  return (value) => {
    if (!Array.isArray(value) && !isRecord(value)) return `is ${what}`;
    const problems = Object.entries(value).map(([at, item]) => ({ at, problem: check(item) }));
    const first = problems.find(({ problem }) => problem !== undefined);
    return first && `${first.at}: ${first.problem}`;
  };
}

/** Is each item of a list, and of nothing else, what it should be? A hole in it is an item that is not there. */
export function list(check: Check, what: string): Check {
  const items = each(check, what);
  return (value) => (Array.isArray(value) ? items([...value]) : `is ${what}`);
}

export function unknownKeys(where: string, record: Loose, known: readonly string[]): string[] {
  return Object.keys(record)
    .filter((key) => !known.includes(key))
    .map((key) => `${where}: there is no ${JSON.stringify(key)} (known: ${known.join(', ')})`);
}

export function oneOf(choices: readonly unknown[], what: string): Check {
  return (value) =>
    choices.includes(value) ? undefined : `${show(value)} is no ${what} (known: ${choices.join(', ')})`;
}

/** A whole number from `least` to `most`. */
export function whole(least = 0, most = Number.MAX_SAFE_INTEGER): Check {
  const range =
    most === Number.MAX_SAFE_INTEGER ? (least === 0 ? '' : ` from ${least} on`) : ` from ${least} to ${most}`;
  return (value) => {
    const isOne = Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
    return isOne ? undefined : `${show(value)} is not a whole number${range}`;
  };
}

export const aFlag: Check = (value) => (typeof value === 'boolean' ? undefined : `${show(value)} is not true or false`);

export const aDuration: Check = (value) =>
  duration.safeParse(value).success ? undefined : `${show(value)} is not a duration as 10s`;

export const aSize: Check = (value) =>
  size.safeParse(value).success ? undefined : `${show(value)} is not a size as 64KB`;

/** A relative path inside FRONT_ROOT. */
export const insideRoot: Check = (path) => {
  const isInside = typeof path === 'string' && path !== '' && !/^[/\\]|\\|\0|(^|\/)\.\.(\/|$)/.test(path);
  return isInside ? undefined : `${show(path)} is not a relative path inside FRONT_ROOT`;
};

export function isRecord(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RegExp);
}

/** A value as the user may have written it. */
export function show(value: unknown): string {
  if (value instanceof RegExp) return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A bigint, or what contains itself.
    return inspect(value, { depth: 0 });
  }
}
