import type { SetTimer } from './options.ts';

/** The connections to one member that may be in use at once, and how many are. */
export class Slots implements Disposable {
  #limit: number;
  #taken = 0;
  #pause: Disposable | undefined;
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
    return this.#taken < this.#limit && this.#pause === undefined;
  }

  take(): void {
    this.#taken += 1;
  }

  /** Who took one is done. */
  leave(): void {
    this.#taken -= 1;
    if (this.isFree) this.#onFree();
  }

  /** None is free for so long, whatever the limit; milliseconds. */
  pause(timer: SetTimer, ms: number): void {
    this.#pause ??= timer(() => {
      this.#pause = undefined;
      if (this.isFree) this.#onFree();
    }, ms);
  }

  /** Another limit. Below what is taken, nothing is free until enough have left. */
  change(limit: number): void {
    this.#limit = limit;
  }

  /** Nobody is told any more that a pause is over. */
  [Symbol.dispose](): void {
    this.#pause?.[Symbol.dispose]();
  }
}
