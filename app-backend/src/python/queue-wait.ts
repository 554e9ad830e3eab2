/** Upper bounds, in seconds. */
const bounds: readonly number[] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30];

/** How long requests waited for a slot, counted by length. */
export class QueueWait {
  readonly bounds = bounds;
  readonly #counts = new Float64Array(bounds.length + 1);
  #seconds = 0;

  observe(ms: number): void {
    const seconds = ms / 1000;
    let bucket = 0;
    while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#seconds += seconds;
  }

  /** How many waited no longer than each bound, and last how many there were. */
  cumulative(): readonly number[] {
    let sum = 0;
    return Array.from(this.#counts, (count) => {
      sum += count;
      return sum;
    });
  }

  /** Seconds, all together. */
  sum(): number {
    return this.#seconds;
  }
}
