/**
 * One request and its answer by a Python worker: waits for a slot, asks on it, and hands the answer to the client; another
 * worker is asked when the one that was has not begun. Whatever breaks becomes an error page, or a broken transfer.
 */
import type { Room } from '@trivet/kit/http1/body/room.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import { Fault, toFault } from '@trivet/kit/semantics/fault.ts';
import type { Variables } from '../gateway/environ.ts';
import { ErrorLines } from '../gateway/errors.ts';
import type { ClientOutlet } from '../gateway/outlet.ts';
import { failureOf } from './application-failure.ts';
import { ClientAnswer } from './client-answer.ts';
import type { Deadlines } from './deadlines.ts';
import type { Dispatcher, SlotGuest } from './dispatcher.ts';
import { headFrame } from './head-frame.ts';
import { deathOf, mayAskAnother } from './lost-worker.ts';
import type { Slot } from './slot.ts';
import type { SlotUser } from './slot-user.ts';
import { isReplayable, type RequestBody, sentAtOnce, Upload } from './upload.ts';

/** What all exchanges of a process share. */
export type ExchangeShare = {
  readonly dispatcher: Dispatcher;
  /** Of all requests; undefined: there is none. */
  readonly deadlines: Deadlines<Exchange> | undefined;
  /** What answers may have in memory beyond the least that each may. */
  readonly answersRoom: Room;
  readonly log: Log;
};

export type Asked = {
  readonly inbound: Inbound;
  readonly outlet: ClientOutlet;
  readonly variables: Variables;
  readonly body: RequestBody | undefined;
};

export class Exchange implements SlotUser, SlotGuest {
  readonly inbound: Inbound;
  cameAt = 0;
  inLine: number | undefined;
  term: number | undefined;
  readonly #share: ExchangeShare;
  readonly #asked: Asked;
  readonly #onOver: (() => void) | undefined;
  readonly #answer: ClientAnswer;
  #slot: Slot | undefined;
  #upload: Upload | undefined;
  #errors: ErrorLines | undefined;
  #hasLostWorker = false;
  #isOver = false;

  /** `onOver`: the body is not read any more. */
  constructor(share: ExchangeShare, asked: Asked, onOver?: () => void) {
    const { inbound, outlet } = asked;
    this.inbound = inbound;
    this.#share = share;
    this.#asked = asked;
    this.#onOver = onOver;
    this.#answer = new ClientAnswer({
      inbound,
      outlet,
      room: share.answersRoom,
      complain: (problem) => this.#complain(problem),
      onFull: () => this.#slot?.pause(),
      onDrained: () => this.#slot?.resume(),
    });
  }

  /** Begins; a fault before there is a slot is answered too. */
  begin(): void {
    const { dispatcher, deadlines } = this.#share;
    this.#asked.outlet.onClose(() => this.#onClose());
    deadlines?.add(this);
    try {
      dispatcher.place(this);
    } catch (error) {
      this.#fail(toFault(error));
    }
  }

  // As a guest.

  welcome(slot: Slot): void {
    const { dispatcher } = this.#share;
    const { body, variables } = this.#asked;
    const atOnce = sentAtOnce(body);
    const frame = headFrame(
      {
        body: body === undefined ? '' : atOnce === undefined ? 's' : 'b',
        takesEarlyHints: this.inbound.version === '1.1',
        ageMs: dispatcher.clock() - this.cameAt,
        mostMs: dispatcher.queueTimeoutMs,
      },
      variables,
    );
    if (frame === undefined) {
      this.#fail(new Fault('head-too-large', 'the request head is too large for a Python worker'));
      return dispatcher.giveBack(slot);
    }
    this.#slot = slot;
    if (body !== undefined && atOnce === undefined)
      this.#upload = new Upload(body, slot, (error) => this.#fail(toFault(error)));
    dispatcher.begins(slot, this);
    slot.ask(this, frame, atOnce);
  }

  turnAway(fault: Fault): void {
    if (fault.reason === 'queue-late') this.#share.dispatcher.countLate();
    this.#fail(fault);
  }

  // As the user of a slot.

  wants(bytes: number): void {
    this.#upload?.wants(bytes);
  }

  hints(payload: Buffer): string | undefined {
    return this.#answer.hints(payload);
  }

  logs(payload: Buffer): void {
    const { log } = this.#share;
    this.#errors ??= new ErrorLines((line) => log.error({ id: this.inbound.id, from: 'wsgi.errors' }, line));
    this.#errors.write(payload.toString('utf8'));
  }

  head(payload: Buffer): string | undefined {
    return this.#answer.head(payload);
  }

  data(piece: Buffer): void {
    this.#answer.data(piece);
  }

  settle(): void {
    this.#answer.settle();
  }

  isWaitingForClient(): boolean {
    return this.#answer.isFull || this.#upload?.isWaitingForClient === true;
  }

  ended(): void {
    this.#slot = undefined;
    const { shortage } = this.#answer;
    if (shortage !== undefined) {
      this.#answer.settle();
      return this.#fail(shortage);
    }
    // First: when the system takes all of the answer at once, it is over before `end` returns.
    this.#over();
    this.#answer.end();
  }

  failed(payload: Buffer): void {
    this.#slot = undefined;
    this.#answer.settle();
    this.#fail(failureOf(payload) ?? new Fault('internal', 'the application failed'));
  }

  leaving(): void {
    this.#leaveSlot();
    this.#share.dispatcher.placeAgain(this);
  }

  late(): void {
    this.#slot = undefined;
    this.turnAway(new Fault('queue-late', 'a Python worker took the request up too late'));
  }

  broken(why: string): void {
    this.#slot = undefined;
    this.#fail(new Fault('bad-response', `a Python worker sent ${why}`));
  }

  hung(why: string): void {
    this.#slot = undefined;
    this.#fail(new Fault(this.#answer.hasBegun ? 'timeout-between-bytes' : 'timeout-first-byte', why));
  }

  lost(): void {
    const slot = this.#slot;
    this.#leaveSlot();
    if (slot === undefined) return;
    if (this.#mayAskAnother(slot)) {
      this.#hasLostWorker = true;
      this.#asked.outlet.note({ why: `worker ${slot.worker} died and another was asked` });
      this.#share.dispatcher.placeAgain(this);
    } else void this.#mourn(slot);
  }

  #mayAskAnother({ isTaken }: Slot): boolean {
    const { method } = this.inbound;
    const { hasBegun } = this.#answer;
    const hasLostWorker = this.#hasLostWorker;
    return mayAskAnother({ method, isTaken, hasBegun, isReplayable: isReplayable(this.#asked.body), hasLostWorker });
  }

  async #mourn(slot: Slot): Promise<void> {
    this.#fail(await deathOf(slot.worker, this.#share.dispatcher.howEnded(slot)));
  }

  /** It took longer than any request may. */
  expire(mostMs: number): void {
    this.#fail(new Fault('timeout-first-byte', `the application did not answer in ${mostMs}ms`));
  }

  /** The client left; or somebody else has answered, as for a body that is not what it was announced to be. */
  #onClose(): void {
    this.#answer.close();
    if (!this.#isOver) this.#give('the client left');
  }

  #fail(fault: Fault): void {
    if (this.#isOver) return;
    this.#give(fault.message);
    this.#answer.fail(fault);
  }

  /** Gives up what it has of others: the slot, or the place to wait for one. */
  #give(why: string): void {
    this.#slot?.abort(why);
    this.#share.dispatcher.withdraw(this);
    this.#over();
  }

  #leaveSlot(): void {
    this.#slot = undefined;
    this.#upload?.stop();
    this.#upload = undefined;
  }

  #over(): void {
    this.#isOver = true;
    this.#share.deadlines?.remove(this);
    this.#leaveSlot();
    this.#errors?.flush();
    this.#onOver?.();
  }

  #complain(problem: string): void {
    this.#asked.outlet.note({ why: problem });
    this.#share.log.warn({ id: this.inbound.id }, problem);
  }
}
