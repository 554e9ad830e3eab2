/**
 * Request fields whose names are more than letters, digits and hyphens. What is behind a front may read them as others:
 * CGI and WSGI make `X_Forwarded_For` and `X-Forwarded-For` one variable, and PHP `X.Forwarded.For`, too. So they are dropped
 * before anything reads them, as nginx does (`ignore_invalid_headers`, `underscores_in_headers`).
 */
import type { Log } from '../process/log.ts';
import { type Reader, reader } from '../process/units.ts';
import { type Fields, without } from '../semantics/fields.ts';

/** Does it let a field through whose name, in lower case, has other characters? */
export type LetsThrough = (lowerName: string) => boolean;

const odd = /[^0-9A-Za-z-]/;
/** A client may make up names without end. */
const MOST_NAMES = 32;

/** `name,name` → the names that are let through, in any case; `*`: all. */
export const fieldNames: Reader<LetsThrough> = reader((text) => {
  const names = text
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  for (const name of names) {
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a field`);
  }
  const known = new Set(names);
  return known.has('*') ? () => true : (name) => known.has(name);
});

/** Takes such fields out of requests; says so once for each name, of the first names. */
export class OddFields {
  readonly #letsThrough: LetsThrough;
  readonly #log: Log;
  readonly #said = new Set<string>();

  constructor(letsThrough: LetsThrough, log: Log) {
    this.#letsThrough = letsThrough;
    this.#log = log;
  }

  /** The fields without them: the same list where there are none. */
  sift(fields: Fields): Fields {
    for (let i = 0; i < fields.length; i += 2) {
      if (odd.test(fields[i] ?? '')) return without(fields, (name) => this.#drops(name));
    }
    return fields;
  }

  #drops(name: string): boolean {
    if (!odd.test(name) || this.#letsThrough(name)) return false;
    if (!this.#said.has(name) && this.#said.size < MOST_NAMES) {
      this.#said.add(name);
      const last = this.#said.size === MOST_NAMES ? '; further names are not logged' : '';
      this.#log.warn({ field: name }, `request fields of this name are dropped: apps may read it as another${last}`);
    }
    return true;
  }
}
