/** A gate that opens when `parties` have arrived: a test waits for what happened, never for time to pass. */
export class Barrier {
  readonly passed: Promise<void>;
  readonly #open: () => void;
  #missing: number;

  constructor(parties: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.passed = promise;
    this.#open = resolve;
    this.#missing = parties;
    if (parties <= 0) resolve();
  }

  arrive(): void {
    this.#missing -= 1;
    if (this.#missing <= 0) this.#open();
  }
}
