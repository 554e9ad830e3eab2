/**
 * A member of a policy, by its name, and how it is read. What is wrong with it is said by that name, with the value and
 * what could stand there; the one who loads the file adds the line.
 */
import { duration } from '@trivet/kit/process/units.ts';

/** What is wrong with a policy, and with which of its members. */
export class PolicyProblem extends Error {
  /** `['backends', 'images', 'probe']` */
  readonly member: readonly string[];

  constructor(member: readonly string[], why: string, options?: ErrorOptions) {
    super(member.length === 0 ? why : `${member.join('.')} ${why}`, options);
    this.name = 'PolicyProblem';
    this.member = member;
  }
}

export type Member = { readonly path: readonly string[]; readonly value: unknown };

/** The members of an object; one that is not among `names` is a problem. `undefined` is as good as not there. */
export function membersOf(member: Member, names: readonly string[]): Readonly<Record<string, Member>> {
  const found = entriesOf(member).filter(({ value }) => value !== undefined);
  const unknown = found.find(({ path }) => !names.includes(path.at(-1) ?? ''));
  if (unknown !== undefined) {
    throw new PolicyProblem(unknown.path, `is nothing that a policy knows; there is only ${names.join(', ')}`);
  }
  return Object.fromEntries(found.map((one) => [one.path.at(-1) ?? '', one]));
}

/** The members of an object whose names are the user's own. */
export function entriesOf({ path, value }: Member): Member[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong({ path, value }, 'an object');
  return Object.entries(value).map(([name, own]) => ({ path: [...path, name], value: own }));
}

/** A list of texts that are not empty. */
export function texts(member: Member): readonly string[] {
  const { value } = member;
  if (!Array.isArray(value)) throw wrong(member, "a list, such as ['a', 'b']");
  const odd = value.find((one) => typeof one !== 'string' || one === '');
  if (odd !== undefined || value.includes(undefined))
    throw wrong({ ...member, value: odd }, 'a text that is not empty');
  return value;
}

/** A text that is not empty. */
export function text(member: Member): string {
  if (typeof member.value === 'string' && member.value !== '') return member.value;
  throw wrong(member, 'a text that is not empty');
}

/** One of a few words. */
export function word<const T extends readonly string[]>(member: Member, ...words: T): T[number] {
  const found = words.find((one) => one === member.value);
  if (found !== undefined) return found;
  throw wrong(member, `one of ${words.join(', ')}`);
}

/** `true` or `false`. */
export function yesOrNo(member: Member): boolean {
  if (typeof member.value === 'boolean') return member.value;
  throw wrong(member, 'true or false');
}

/** A whole number between two limits. */
export function whole(member: Member, least: number, most: number): number {
  const { value } = member;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw wrong(member, `a whole number from ${least} to ${most}`);
}

/** A time that must pass: `250ms`, `10s`, `5m`, `1h`, or milliseconds. */
export function wait(member: Member): number {
  const { value } = member;
  const ms = typeof value === 'string' ? (duration.safeParse(value).data ?? 0) : value;
  if (typeof ms === 'number' && ms > 0 && ms <= LONGEST_MS) return ms;
  throw wrong(member, "a time above 0 such as '250ms', '10s', '5m', '1h', or milliseconds");
}

/** A hook. */
export function hook(member: Member): void {
  if (typeof member.value !== 'function') throw wrong(member, 'a function');
}

/** The longest wait that a timer of Node.js can hold. */
const LONGEST_MS = 2_147_483_647;

function wrong({ path, value }: Member, wanted: string): PolicyProblem {
  return new PolicyProblem(path, `is ${shown(value)}, not ${wanted}`);
}

function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
