/** The requests of one connection: how many there were, and which is the last. */
export class LaneCount {
  readonly #most: number;
  #requests = 0;
  #answered = 0;
  #isSaidLast = false;

  /** `most` 0: without a limit. */
  constructor(most: number) {
    this.#most = most;
  }

  get isFirst(): boolean {
    return this.#requests === 0;
  }

  /** How many of them without the slow lane. */
  get answered(): number {
    return this.#answered;
  }

  /** Has the client said of the request in hand that it is the last? */
  get isSaidLast(): boolean {
    return this.#isSaidLast;
  }

  came(): void {
    this.#requests += 1;
  }

  isAnswered(): void {
    this.#answered += 1;
  }

  /** Notes what the request in hand says of itself, and tells whether it is the last, by that or by the limit. */
  endsWith({ isLast }: { readonly isLast: boolean }): boolean {
    this.#isSaidLast = isLast;
    return this.isAtEnd;
  }

  get isAtEnd(): boolean {
    return this.#isSaidLast || (this.#most > 0 && this.#requests >= this.#most);
  }
}
