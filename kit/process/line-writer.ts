/**
 * Lines on their way out, many in one write. Whoever logs never waits for whoever reads: beyond a limit new lines are
 * lost and counted, and once there is room again a line says how many.
 */

/** What became of one write: `failed` lost these bytes, `over` this and everything after it. */
export type Taken = 'taken' | 'failed' | 'over';

/** Where the lines go; one write at a time. */
export type LineOutlet = {
  /** Bytes that one write should have at most. */
  readonly batch: number;
  /** Calls `done` later, once, and only when the bytes were taken or are lost. */
  write(bytes: Buffer, done: (taken: Taken) => void): void;
  /** At the end of the process: what can be taken without waiting for a reader. */
  writeNow(bytes: Buffer): void;
};

export type LineWriterOptions = {
  readonly outlet: LineOutlet;
  /** Bytes that may wait; a single line always may. */
  readonly most: number;
  /** The line that says how many lines were lost. */
  report(lost: number): string;
};

/** So long a line waits for others to go with it, milliseconds. */
export const HELD_BACK_MS = 250;
/** While lines are being lost, one report in so many milliseconds. */
const REPORT_EVERY_MS = 1_000;

const LINE_FEED = 10;

/** Takes lines, each with its line feed, and writes them in their order. */
export class LineWriter {
  readonly #options: LineWriterOptions;
  /** The newest lines, not yet a batch. */
  #text = '';
  /** Oldest first; the one that is being written is among them. */
  readonly #batches: Buffer[] = [];
  #batchBytes = 0;
  #isWriting = false;
  #isUrgent = false;
  #timer: NodeJS.Timeout | undefined;
  #lost = 0;
  #reported = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #isOver = false;
  #whenEmpty: (() => void) | undefined;

  constructor(options: LineWriterOptions) {
    this.#options = options;
  }

  /** Lines that were lost so far. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes a line; it goes out with others, `HELD_BACK_MS` later at most. */
  write(line: string): void {
    const { outlet, most } = this.#options;
    const waiting = this.#batchBytes + this.#text.length;
    if (this.#isOver || (waiting > 0 && waiting + line.length > most)) {
      this.#lost += 1;
      return;
    }
    if (this.#text.length + line.length > outlet.batch) this.#seal();
    this.#text += line;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.flush();
    }, HELD_BACK_MS).unref();
  }

  /** Writes what there is now, or as soon as the write before it is over. */
  flush(): void {
    // Else each of these would be a batch of its own, while nobody reads.
    if (this.#isWriting) this.#isUrgent = true;
    else this.#seal();
  }

  /** At the end of the process, when nothing later will happen. */
  flushNow(): void {
    const rest = this.#batches.slice(this.#isWriting ? 1 : 0);
    const bytes = Buffer.concat([...rest, Buffer.from(this.#text)]);
    this.#abandon(0);
    if (bytes.length > 0) this.#options.outlet.writeNow(bytes);
  }

  /** Resolves when everything is written, or lost, or the deadline is over; lines that come later are lost. */
  async close(deadlineMs: number): Promise<void> {
    clearTimeout(this.#timer);
    this.#report();
    this.#seal();
    if (this.#batches.length > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#whenEmpty = resolve;
      const deadline = setTimeout(resolve, deadlineMs);
      await promise;
      clearTimeout(deadline);
    }
    this.#abandon(this.#batches.reduce((lines, bytes) => lines + linesIn(bytes), 0));
  }

  /** Makes a batch of the newest lines. */
  #seal(): void {
    if (this.#text === '') return;
    // The text was counted in characters; where they take more bytes, it may be too much for one write.
    for (const bytes of cut(Buffer.from(this.#text), this.#options.outlet.batch)) {
      this.#batches.push(bytes);
      this.#batchBytes += bytes.length;
    }
    this.#text = '';
    this.#next();
  }

  #next(): void {
    const [bytes] = this.#batches;
    if (this.#isWriting || bytes === undefined) return;
    this.#isWriting = true;
    this.#options.outlet.write(bytes, (taken) => this.#written(bytes, taken));
  }

  #written(bytes: Buffer, taken: Taken): void {
    this.#isWriting = false;
    if (this.#isOver) return;
    this.#batches.shift();
    this.#batchBytes -= bytes.length;
    if (taken !== 'taken') this.#lost += linesIn(bytes);
    if (taken === 'over') {
      return this.#abandon(this.#batches.reduce((lines, batch) => lines + linesIn(batch), linesIn(this.#text)));
    }
    const isEmpty = this.#batches.length === 0;
    if (taken === 'taken' && (isEmpty || performance.now() - this.#reportedAt >= REPORT_EVERY_MS)) this.#report();
    if (isEmpty && this.#isUrgent) {
      this.#isUrgent = false;
      this.#seal();
    }
    this.#next();
    if (this.#batches.length === 0) this.#whenEmpty?.();
  }

  /** Has a place beyond the limit: it is one line, and tells of all the others. */
  #report(): void {
    const lost = this.#lost - this.#reported;
    if (lost === 0 || this.#isOver) return;
    this.#reported = this.#lost;
    this.#reportedAt = performance.now();
    this.#text += this.#options.report(lost);
    this.#isUrgent = true;
  }

  #abandon(lost: number): void {
    this.#isOver = true;
    this.#lost += lost;
    this.#batches.length = 0;
    this.#batchBytes = 0;
    this.#text = '';
    this.#whenEmpty?.();
  }
}

/** Whole lines of no more than `most` bytes together; a line that is longer is alone. */
function* cut(bytes: Buffer, most: number): Generator<Buffer> {
  let rest = bytes;
  while (rest.length > most) {
    const last = rest.lastIndexOf(LINE_FEED, most - 1);
    const end = (last < 0 ? rest.indexOf(LINE_FEED) : last) + 1;
    if (end === 0 || end === rest.length) break;
    yield rest.subarray(0, end);
    rest = rest.subarray(end);
  }
  yield rest;
}

function linesIn(bytes: Buffer | string): number {
  const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
  return text.split('\n').length - 1;
}
