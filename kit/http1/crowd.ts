/** How many connections beyond the limit may hear at once that they are. */
const mostRefused = 256;

/** What becomes of another connection when so many are open. */
export function placeFor(open: number, maxConnections: number): 'free' | 'to-be-refused' | 'none' {
  if (open < maxConnections) return 'free';
  return open < maxConnections + mostRefused ? 'to-be-refused' : 'none';
}

/** Tells of connections that are not served: at once, then at most once in `everyMs` with their number, for a flood is no news. */
export class Crowd implements Disposable {
  readonly #say: (refused: number, last: string) => void;
  readonly #everyMs: number;
  #refused = 0;
  #last = '';
  #timer: NodeJS.Timeout | undefined;

  /** `last` is what was said of the last one. */
  constructor(say: (refused: number, last: string) => void, everyMs = 1_000) {
    this.#say = say;
    this.#everyMs = everyMs;
  }

  /** One more was refused. */
  count(last: string): void {
    this.#refused += 1;
    this.#last = last;
    if (this.#timer === undefined) this.#tell();
  }

  #tell(): void {
    this.#timer = undefined;
    if (this.#refused === 0) return;
    this.#say(this.#refused, this.#last);
    this.#refused = 0;
    this.#timer = setTimeout(() => this.#tell(), this.#everyMs).unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#tell();
    clearTimeout(this.#timer);
  }
}
