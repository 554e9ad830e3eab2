import type { Log } from '../process/log.ts';

/** How many connections beyond the limit may hear at once that they are. */
const mostRefused = 256;

/** What becomes of another connection when so many are open. */
export function placeFor(open: number, maxConnections: number): 'free' | 'to-be-refused' | 'none' {
  if (open < maxConnections) return 'free';
  return open < maxConnections + mostRefused ? 'to-be-refused' : 'none';
}

/** Tells of connections beyond the limit: at once, then at most once in `everyMs` with their number, for a flood is no news. */
export class Crowd implements Disposable {
  readonly #log: Log;
  readonly #maxConnections: number;
  readonly #everyMs: number;
  #refused = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log, maxConnections: number, everyMs = 1_000) {
    this.#log = log;
    this.#maxConnections = maxConnections;
    this.#everyMs = everyMs;
  }

  /** One more was refused. */
  count(): void {
    this.#refused += 1;
    if (this.#timer === undefined) this.#tell();
  }

  #tell(): void {
    this.#timer = undefined;
    if (this.#refused === 0) return;
    const said = { reason: 'too-many-connections', refused: this.#refused, maxConnections: this.#maxConnections };
    this.#log.error(said, 'client connections refused');
    this.#refused = 0;
    this.#timer = setTimeout(() => this.#tell(), this.#everyMs).unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#tell();
    clearTimeout(this.#timer);
  }
}
