/**
 * The bytes of stored responses. They are given back to the system the moment nobody has a use for them, not when the
 * garbage collector finds out: V8 lets tens of megabytes of dead buffers gather before it looks (RSS beyond the budget).
 * Hence who sends a body borrows it, and gives it back when the socket is done with it, never before: what is freed
 * under a pending write would be sent as whatever takes its place.
 */
export type Loan = {
  /** The body, in order. */
  readonly pieces: readonly Buffer[];
  /** Call it when no write of a piece is pending any more; again is as good as once. */
  giveBack(): void;
};

/** The bytes of a loan, which is given back. */
export function copyOf(loan: Loan | undefined): Buffer {
  const bytes = Buffer.concat(loan?.pieces ?? []);
  loan?.giveBack();
  return bytes;
}

const nothing = Buffer.alloc(0);
const none: readonly Buffer[] = Object.freeze([]);

export class Body {
  readonly length: number;
  /** Most bodies are one piece. */
  readonly #first: Buffer;
  readonly #rest: readonly Buffer[];
  #entries = 0;
  #loans = 0;
  #isFreed = false;
  /** While it is lent and not stored. */
  #onOver: (() => void) | undefined;

  /** Each piece is a whole ArrayBuffer of its own, and nobody else's. */
  constructor(pieces: readonly Buffer[]) {
    const [first = nothing, ...rest] = pieces;
    this.#first = first;
    this.#rest = rest.length === 0 ? none : rest;
    this.length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  get pieces(): readonly Buffer[] {
    return [this.#first, ...this.#rest];
  }

  /** One more entry has it. False when it is too late. */
  store(): boolean {
    if (this.#isFreed) return false;
    this.#entries += 1;
    this.#tell();
    return true;
  }

  /** An entry has it no more. True when that leaves it to its borrowers alone; `onOver` is called when it no longer does. */
  unstore(onOver: () => void): boolean {
    this.#entries -= 1;
    if (this.#entries > 0) return false;
    if (this.#loans > 0) this.#onOver = onOver;
    this.#freeWhenUnused();
    return this.#loans > 0;
  }

  lend(): Loan | undefined {
    if (this.#isFreed) return undefined;
    this.#loans += 1;
    return new BodyLoan(this);
  }

  /** For loans alone. */
  takeBack(): void {
    this.#loans -= 1;
    this.#freeWhenUnused();
  }

  #freeWhenUnused(): void {
    if (this.#entries > 0 || this.#loans > 0 || this.#isFreed) return;
    this.#isFreed = true;
    for (const piece of this.pieces) free(piece);
    this.#tell();
  }

  #tell(): void {
    this.#onOver?.();
    this.#onOver = undefined;
  }
}

class BodyLoan implements Loan {
  readonly pieces: readonly Buffer[];
  #body: Body | undefined;

  constructor(body: Body) {
    this.pieces = body.pieces;
    this.#body = body;
  }

  giveBack(): void {
    this.#body?.takeBack();
    this.#body = undefined;
  }
}

// Moving its memory into a buffer of no length frees it at once.
function free(piece: Buffer): void {
  const { buffer } = piece;
  if (piece.length > 0 && buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}
