import type { Header } from '../wsgi.ts';

/** The headers of a response: an ordered list with repeats, as WSGI wants it, asked and changed by name without case. */
export class HeaderList {
  #pairs: Header[];

  constructor(pairs: Iterable<Header> = []) {
    this.#pairs = [...pairs];
  }

  get(name: string): string | undefined {
    return this.#pairs.find(named(name))?.[1];
  }

  getAll(name: string): string[] {
    return this.#pairs.filter(named(name)).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.#pairs.some(named(name));
  }

  /** One line stands for every line of that name. */
  set(name: string, value: string): void {
    const at = this.#pairs.findIndex(named(name));
    this.delete(name);
    this.#pairs.splice(at < 0 ? this.#pairs.length : at, 0, [name, value]);
  }

  append(name: string, value: string): void {
    this.#pairs.push([name, value]);
  }

  delete(name: string): void {
    const isNamed = named(name);
    this.#pairs = this.#pairs.filter((pair) => !isNamed(pair));
  }

  /** A list of its own, for start_response. */
  toList(): Header[] {
    return [...this.#pairs];
  }
}

function named(name: string): (pair: Header) => boolean {
  const lowerName = name.toLowerCase();
  return ([other]) => other.toLowerCase() === lowerName;
}
