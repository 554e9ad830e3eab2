/**
 * `No-Vary-Search` (draft-ietf-httpbis-no-vary-search): which parts of a query make no difference to the response, so that
 * it may answer for other URLs than its own.
 */
import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { dictionary, type Member } from './dictionary.ts';

/** What of a query counts. */
export type SearchVariance = {
  /** Does the order of parameters of different names count? */
  readonly isOrdered: boolean;
  /** Does a parameter of this name count? */
  counts(name: string): boolean;
};

/** What a response says of its query; undefined when every character counts, as it does where the field cannot be read. */
export function searchVariance(response: Fields): SearchVariance | undefined {
  const value = field(response, 'no-vary-search');
  const members = value === undefined ? undefined : dictionary(value);
  if (members === undefined) return undefined;
  const isSorted = flag(members.get('key-order'));
  const counts = counting(members.get('params'), members.get('except'));
  if (isSorted === undefined || counts === undefined) return undefined;
  return isSorted || counts !== all ? { isOrdered: !isSorted, counts } : undefined;
}

type Counts = SearchVariance['counts'];
const all: Counts = () => true;

// `params` names what does not count, or says that nothing does but what `except` names.
function counting(params: Member | undefined, except: Member | undefined): Counts | undefined {
  const isFlag = typeof params?.[0] === 'boolean';
  if (isFlag && params[0] === true) return allBut(except);
  if (except !== undefined) return undefined;
  const named = params === undefined || isFlag ? [] : names(params);
  if (named === undefined) return undefined;
  return named.length === 0 ? all : (name) => !named.includes(name);
}

function allBut(except: Member | undefined): Counts | undefined {
  const kept = except === undefined ? [] : names(except);
  return kept && ((name) => kept.includes(name));
}

/** The one text that all queries have in common that make no difference. Percent-encoding makes none either. */
export function commonQuery({ isOrdered, counts }: SearchVariance, query: string | undefined): string {
  const members = [...new URLSearchParams(query ?? '')].filter(([name]) => counts(name));
  // By name alone: the order of several values of one parameter counts.
  if (!isOrdered) members.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return new URLSearchParams(members).toString();
}

function flag(member: Member | undefined): boolean | undefined {
  const value = member === undefined ? false : member[0];
  return typeof value === 'boolean' ? value : undefined;
}

function names(member: Member): string[] | undefined {
  const [value] = member;
  if (!Array.isArray(value)) return undefined;
  const found = value.map(([name]) => name);
  return found.every((name) => typeof name === 'string') ? found : undefined;
}
