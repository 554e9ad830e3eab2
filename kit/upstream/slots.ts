/** The connections to one member that may be in use at once, and how many are. */
export class Slots {
  #limit: number;
  #taken = 0;
  readonly #onFree: () => void;

  constructor(limit: number, onFree: () => void) {
    this.#limit = limit;
    this.#onFree = onFree;
  }

  /** Requests that were given to the member and are not over. */
  get taken(): number {
    return this.#taken;
  }

  get isFree(): boolean {
    return this.#taken < this.#limit;
  }

  take(): void {
    this.#taken += 1;
  }

  /** Who took one is done. */
  leave(): void {
    this.#taken -= 1;
    if (this.#taken < this.#limit) this.#onFree();
  }

  /** Another limit. Below what is taken, nothing is free until enough have left. */
  change(limit: number): void {
    this.#limit = limit;
  }
}
