import { splitQuery } from '@trivet/kit/semantics/target.ts';
import { LRUCache } from 'lru-cache';
import type { Resource } from '../policy/key.ts';
import { commonQuery, type SearchVariance, searchVariance } from '../policy/no-vary-search.ts';
import { unpackFields } from '../store/packed-fields.ts';
import { type Entry, placeOf } from '../store/store.ts';

const MOST_PATHS = 10_000;
/** Most queries that are remembered of one path. */
const MOST_QUERIES = 1_000;
const MOST_RULES = 8;

type Rule = { readonly variance: SearchVariance; readonly keys: LRUCache<string, string> };

/** Under which keys responses are stored that answer for more queries than their own (`No-Vary-Search`); bounded. */
export class SearchAliases {
  /** By host and path, then by the text of the field. */
  readonly #paths = new LRUCache<string, Map<string, Rule>>({ max: MOST_PATHS });

  /** Remembers what a response that was stored says of its query. */
  note(entry: Entry): void {
    if (!/\bno-vary-search:/i.test(entry.sent)) return;
    const fields = unpackFields(entry.sent);
    const variance = searchVariance(fields);
    if (variance === undefined) return;
    const { host, path } = placeOf(entry);
    const { path: base, query } = splitQuery(path);
    const rules = this.#paths.get(host + base) ?? new Map<string, Rule>();
    const text = ruleOf(fields);
    const rule = rules.get(text) ?? { variance, keys: new LRUCache<string, string>({ max: MOST_QUERIES }) };
    rule.keys.set(commonQuery(variance, query), entry.key);
    if (rules.size < MOST_RULES || rules.has(text)) rules.set(text, rule);
    this.#paths.set(host + base, rules);
  }

  /** The keys under which there may be an answer for this URL beside its own; see `answersFor`. */
  keysFor({ host, path }: Resource): string[] {
    if (this.#paths.size === 0) return [];
    const { path: base, query } = splitQuery(path);
    const keys: string[] = [];
    for (const { variance, keys: known } of this.#paths.get(host + base)?.values() ?? []) {
      const key = known.get(commonQuery(variance, query));
      if (key !== undefined) keys.push(key);
    }
    return keys;
  }
}

/** Does a stored response, by its own word, answer for this URL? It may have taken the place of one that did. */
export function answersFor(entry: Entry, { host, path }: Resource): boolean {
  const variance = searchVariance(unpackFields(entry.sent));
  if (variance === undefined) return false;
  const own = placeOf(entry);
  const [a, b] = [splitQuery(own.path), splitQuery(path)];
  const isSamePath = own.host === host && a.path === b.path;
  return isSamePath && commonQuery(variance, a.query) === commonQuery(variance, b.query);
}

function ruleOf(fields: readonly string[]): string {
  const at = fields.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'no-vary-search');
  return fields[at + 1] ?? '';
}
