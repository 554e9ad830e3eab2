/**
 * The client's side of an exchange with a Python worker: the frames of an answer become HTTP. Head and body go out in one
 * piece where they came in one. Never more than Content-Length goes out, and never a whole message of less (RFC 9110 §8.6);
 * what a slow client does not take waits here, so much and no more, so that the slot is free for others.
 */
import type { Room } from '@trivet/kit/http1/body/room.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { without } from '@trivet/kit/semantics/fields.ts';
import type { SoundHead } from '../gateway/check-head.ts';
import type { ClientOutlet } from '../gateway/outlet.ts';
import { WsgiViolation } from '../gateway/wsgi-violation.ts';
import { readAnswerHead, readHints } from './answer-head.ts';

/** Of one answer so many bytes may wait for the client in any case, and so many while there is room for all. */
const leastWaiting = 64 * 1024;
const mostWaiting = 256 * 1024;

export type ClientAnswerOptions = {
  readonly inbound: Inbound;
  readonly outlet: ClientOutlet;
  /** What all answers may have in memory beyond the least. */
  readonly room: Room;
  /** A deviation that the client is not told of, for the log. */
  complain(problem: string): void;
  /** The client takes its answer more slowly than it comes; and it has taken all that there is. */
  onFull(): void;
  onDrained(): void;
};

export class ClientAnswer {
  readonly #options: ClientAnswerOptions;
  #head: SoundHead | undefined;
  #isOut = false;
  #isBodyless = false;
  #hasComplained = false;
  /** What came with the head. */
  #kept: Buffer[] = [];
  /** Of Content-Length. */
  #left = Number.POSITIVE_INFINITY;
  /** Bytes of the room that are taken. */
  #roomTaken = 0;
  #isDraining = false;
  #isFull = false;
  #isClosed = false;

  constructor(options: ClientAnswerOptions) {
    this.#options = options;
  }

  /** Has the head come? */
  get hasBegun(): boolean {
    return this.#head !== undefined;
  }

  /** Does the worker wait until the client has taken something? */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Sends a 103 (RFC 8297) to clients that know of it; returns what is wrong with it. */
  hints(payload: Buffer): string | undefined {
    const fields = readHints(payload);
    if (typeof fields === 'string') return fields;
    this.#options.outlet.hint(fields);
    return undefined;
  }

  /** Takes the head; returns what is wrong with it. */
  head(payload: Buffer): string | undefined {
    const head = readAnswerHead(payload);
    if (head.verdict === 'bad') return head.why;
    this.#head = head;
    this.#isBodyless = this.#options.inbound.method === 'HEAD' || head.status === 204 || head.status === 304;
    if (!this.#isBodyless) this.#left = head.contentLength ?? Number.POSITIVE_INFINITY;
    return undefined;
  }

  data(piece: Buffer): void {
    if (piece.length === 0) return;
    if (this.#isBodyless) return this.#complainOnce('the answer may have no body; what came was dropped');
    if (piece.length > this.#left) this.#complainOnce('the body goes beyond its Content-Length and was cut there');
    const sent = piece.length > this.#left ? piece.subarray(0, this.#left) : piece;
    this.#left -= sent.length;
    if (sent.length === 0) return;
    if (this.#isOut) this.#options.outlet.write(sent);
    else this.#kept.push(sent);
  }

  /** Sends what came so far. */
  settle(): void {
    if (this.#head === undefined) return;
    if (!this.#isOut) this.#open(this.#head);
    const { outlet } = this.#options;
    for (const piece of this.#kept) outlet.write(piece);
    this.#kept = [];
    outlet.flush();
    this.#watch();
  }

  /** Why an answer that ends here is not whole, and its transfer has to be broken. */
  get shortage(): Fault | undefined {
    if (this.#isBodyless || this.#left === 0 || this.#left === Number.POSITIVE_INFINITY) return undefined;
    const cause = new WsgiViolation(`the body ended ${this.#left} bytes before its Content-Length`);
    return new Fault('internal', 'the application broke the rules of WSGI', { cause });
  }

  /** The answer is complete. */
  end(): void {
    const { outlet } = this.#options;
    if (!this.#isOut && this.#head !== undefined) this.#open(this.#head);
    const kept = this.#kept;
    this.#kept = [];
    outlet.end(kept.length > 1 ? Buffer.concat(kept) : kept[0]);
  }

  /** An error page, or a broken transfer when the head is out. */
  fail(fault: Fault): void {
    this.#options.outlet.fail(fault);
  }

  /** The client's side is over: nothing waits any more. */
  close(): void {
    this.#isClosed = true;
    this.#giveBack();
  }

  #giveBack(): void {
    this.#options.room.giveBack(this.#roomTaken);
    this.#roomTaken = 0;
  }

  #open({ status, reason, fields }: SoundHead): void {
    this.#isOut = true;
    // RFC 9110 §8.6: no Content-Length with 204.
    const own = status === 204 ? without(fields, (name) => name === 'content-length') : fields;
    this.#options.outlet.head({ status, reason, fields: own });
  }

  /** Does so much wait that the worker has to? */
  #watch(): void {
    const { outlet, room, onFull } = this.#options;
    const { waiting } = outlet;
    if (this.#isFull || this.#isClosed || waiting <= leastWaiting) return;
    if (!this.#isDraining) void this.#drain();
    if (!this.#isDraining) return;
    const wanted = Math.max(0, waiting - leastWaiting - this.#roomTaken);
    const hasRoom = room.take(wanted);
    if (hasRoom) this.#roomTaken += wanted;
    if (hasRoom && waiting <= mostWaiting) return;
    this.#isFull = true;
    onFull();
  }

  /** Sees to it that what waits is taken, and then goes on; at once where nothing has to be waited for. */
  async #drain(): Promise<void> {
    const { outlet, onDrained } = this.#options;
    this.#isDraining = true;
    while (!this.#isClosed && outlet.waiting > leastWaiting) {
      const room = outlet.ready();
      if (room === undefined) break;
      await room;
    }
    this.#isDraining = false;
    this.#giveBack();
    if (!this.#isFull) return;
    this.#isFull = false;
    if (!this.#isClosed) onDrained();
  }

  #complainOnce(problem: string): void {
    const isHead = this.#options.inbound.method === 'HEAD' && this.#isBodyless;
    if (!this.#hasComplained && !isHead) this.#options.complain(problem);
    this.#hasComplained = true;
  }
}
