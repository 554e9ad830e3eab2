/**
 * The client's side of an exchange in the fast lane. An answer that is whole before anybody had to wait is given to the
 * lane as one; else the seat is taken, and what comes is written as it comes. The bytes are those of the slow lane.
 */
import { STATUS_CODES } from 'node:http';
import { readUpTo } from '@trivet/kit/files/stream-file.ts';
import { closes, pageOf } from '@trivet/kit/http1/answer.ts';
import type { FastAnswer, Reply, ReplyEnd, ReplyHead, Seat } from '@trivet/kit/http1/fast-lane.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { passed } from '@trivet/kit/process/buffer-collector.ts';
import type { ExchangeNote } from '@trivet/kit/process/exchange-record.ts';
import type { Fault } from '@trivet/kit/semantics/fault.ts';
import { type Fields, has } from '@trivet/kit/semantics/fields.ts';
import type { Watchdog } from '../watchdog/watchdog.ts';
import type { FileSource } from './file-source.ts';
import type { ClientOutlet, OutgoingHead } from './outlet.ts';
import { withStandard } from './standard-head.ts';
import { hasTurn } from './turns.ts';

/** Of a file, at once. */
const BLOCK_BYTES = 64 * 1024;

/** Hears of an exchange that is over; the record of it (`recordOf`) is made where somebody wants one. */
export type Conclude = (inbound: Inbound, end: ReplyEnd, extra: ExchangeNote | undefined) => void;

export type LaneOutletOptions = {
  readonly seat: Seat;
  readonly serverTiming: boolean;
  readonly conclude: Conclude;
  readonly watchdog?: Watchdog | undefined;
};

export class LaneOutlet implements ClientOutlet {
  readonly #inbound: Inbound;
  readonly #options: LaneOutletOptions;
  #head: ReplyHead | undefined;
  #body: Uint8Array[] = [];
  #extra: ExchangeNote | undefined;
  #reply: Reply | undefined;
  #isEnded = false;
  #isOver = false;
  #blocks = 0;
  #listeners: (() => void)[] | undefined;
  /** Until the head goes out. */
  #guarded: number | undefined;

  constructor(inbound: Inbound, options: LaneOutletOptions) {
    this.#inbound = inbound;
    this.#options = options;
    const { watchdog, seat } = options;
    if (watchdog !== undefined) this.#guarded = watchdog.guard(seat.clearFd, inbound.method === 'HEAD', inbound.id);
  }

  /** The watchdog has nothing to answer any more. */
  release(): void {
    if (this.#guarded === undefined) return;
    this.#options.watchdog?.release(this.#guarded);
    this.#guarded = undefined;
  }

  /** What the lane is told once the application has had its turn. */
  settle(): FastAnswer | 'later' {
    if (!this.#isEnded || this.#reply !== undefined || this.#head === undefined) {
      this.#open();
      return 'later';
    }
    this.release();
    return new LaneAnswer(this);
  }

  /** The answer so far, for who gives it whole. */
  get whole(): { readonly head: ReplyHead; readonly body: readonly Uint8Array[] } {
    if (this.#head === undefined) throw new Error('the answer has no head');
    return { head: this.#head, body: this.#body };
  }

  head({ status, reason, fields }: OutgoingHead): void {
    this.#begin(status, reason, withStandard(fields, this.#inbound, this.#options.serverTiming));
  }

  write(block: Uint8Array): void {
    if (this.#reply === undefined) this.#body.push(block);
    else this.#reply.write(block);
    passed(block.length);
  }

  ready(): Promise<void> | undefined {
    const room = this.#open().ready();
    this.#blocks += 1;
    return room ?? hasTurn(this.#blocks);
  }

  get waiting(): number {
    return this.#reply?.waiting ?? 0;
  }

  flush(): void {
    this.#open().flush();
  }

  async file({ file, first }: FileSource, most: number): Promise<number> {
    let sent = 0;
    while (sent < most && !this.#isOver) {
      const bytes = await readUpTo(file, first + sent, Math.min(BLOCK_BYTES, most - sent));
      if (bytes.length === 0) break;
      this.write(bytes);
      sent += bytes.length;
      // A file of one block goes out with its head.
      if (sent < most) await this.ready();
    }
    return sent;
  }

  end(last?: Buffer): void {
    this.#isEnded = true;
    if (last !== undefined) passed(last.length);
    if (this.#reply !== undefined) this.#reply.end(last);
    else if (last !== undefined) this.#body.push(last);
  }

  fail(fault: Fault): void {
    if (this.#isEnded || this.#isOver) return;
    this.note({ fault });
    if (this.#head !== undefined) return this.#open().destroy();
    const { status, fields, body } = pageOf(this.#inbound, { tier: 'app-backend', fault, fields: [] });
    this.#begin(status, STATUS_CODES[status] ?? 'unknown', fields, closes(fault));
    if (this.#inbound.method !== 'HEAD') this.write(body);
    this.end();
  }

  hint(fields: readonly string[]): void {
    if (this.#head !== undefined || this.#isOver) return;
    this.#open().inform(linesOf('HTTP/1.1 103 Early Hints\r\n', fields));
  }

  note(extra: ExchangeNote): void {
    this.#extra = { ...this.#extra, ...extra };
  }

  onClose(listener: () => void): void {
    if (this.#isOver) listener();
    else if (this.#listeners === undefined) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  /** The exchange is over. */
  over(end: ReplyEnd): void {
    this.#isOver = true;
    this.release();
    this.#options.conclude(this.#inbound, end, this.#extra);
    for (const listener of this.#listeners ?? []) listener();
  }

  #open(): Reply {
    if (this.#reply !== undefined) return this.#reply;
    const reply = this.#options.seat.take((end) => this.over(end));
    this.#reply = reply;
    if (this.#head !== undefined) this.#send(reply, this.#head);
    for (const block of this.#body) reply.write(block);
    this.#body = [];
    if (this.#isEnded) reply.end();
    return reply;
  }

  #begin(status: number, reason: string, fields: Fields, isLast = false): void {
    const isBodyless = this.#inbound.method === 'HEAD' || status === 204 || status === 304;
    const framing = isBodyless ? 'none' : has(fields, 'content-length') ? 'sized' : 'chunked';
    const head = linesOf(`HTTP/1.1 ${status} ${reason}\r\n`, fields);
    this.#head = { status, head, hasDate: has(fields, 'date'), isLast, framing };
    if (this.#reply !== undefined) this.#send(this.#reply, this.#head);
  }

  #send(reply: Reply, head: ReplyHead): void {
    this.release();
    reply.head(head);
  }
}

/** A whole answer of the application. */
export class LaneAnswer implements FastAnswer {
  readonly #outlet: LaneOutlet;
  readonly status: number;
  readonly head: string;
  readonly hasDate: boolean;
  readonly isLast: boolean;
  readonly body: readonly Uint8Array[];

  constructor(outlet: LaneOutlet) {
    const { head, body } = outlet.whole;
    this.#outlet = outlet;
    this.status = head.status;
    this.head = head.head;
    this.hasDate = head.hasDate;
    this.isLast = head.isLast === true;
    this.body = body;
  }

  /** How giving it went. */
  over(given: Omit<ReplyEnd, 'status'>): void {
    this.#outlet.over({ ...given, status: this.status });
  }
}

/** The field lines behind `text`. */
function linesOf(text: string, fields: Fields): string {
  let lines = text;
  for (let i = 0; i + 1 < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return lines;
}
