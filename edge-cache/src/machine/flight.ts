/**
 * One fetch for a key on its way, shared by all who ask for the same. It is a task of its own: what may be stored goes on
 * when its clients have left, what may not ends with the last of them. Who shares the answer is decided when its head
 * is here, never before: until then nobody gets anything.
 */
import { Fault, toFault } from '@trivet/kit/semantics/fault.ts';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import { endToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import { passableTrailers } from '@trivet/kit/upstream/relay.ts';
import type { ResponseHead, ResponseSink, Sending } from '@trivet/kit/upstream/upstream.ts';
import type { Admission } from '../policy/admission.ts';
import { type Arrived, arrival } from '../policy/arrival.ts';
import { variantOf } from '../policy/vary.ts';
import { copyOf } from '../store/body.ts';
import type { Draft, Entry } from '../store/store.ts';
import type { Asker, Landing } from './asker.ts';
import { type Cargo, loaded, type Passed, refused, unshared } from './cargo.ts';
import { headOfBody } from './coded-form.ts';
import { type Failure, faultOf, landingOn } from './failure.ts';
import { countArrival, countFailure } from './fetch-counters.ts';
import { adviceFor, type Crew, draftFor, type FlightOrder } from './flight-order.ts';
import type { FlowOwner } from './flow.ts';
import { HeadUpdate } from './head-update.ts';
import { Predecessor } from './predecessor.ts';
import { type Renewal, renewed } from './renewal.ts';
import { WaitingRoom } from './waiting-room.ts';
import { Withdrawal } from './withdrawal.ts';

export class Flight implements ResponseSink, FlowOwner {
  readonly order: FlightOrder;
  /** Withdrawn, nobody may join it any more, and nothing that it brings is stored. */
  readonly withdrawal = new Withdrawal();
  readonly #crew: Crew;
  readonly #onOver: (flight: Flight, stored: Entry | undefined) => void;
  readonly #requestedAt: number;
  readonly #waiting = new WaitingRoom();
  #sending: Sending | undefined;
  readonly #old: Predecessor;
  /** Of a HEAD. */
  readonly #headUpdate: HeadUpdate | undefined;
  #isOver = false;
  /** Once the head is here and there is a body to pass on. */
  #cargo: Cargo | undefined;

  constructor(order: FlightOrder, crew: Crew, onOver: (flight: Flight, stored: Entry | undefined) => void) {
    this.order = order;
    this.#crew = crew;
    this.#onOver = onOver;
    this.#requestedAt = crew.clock();
    this.#old = new Predecessor(crew.store, order.stale, this.withdrawal);
    this.#headUpdate = order.request.method === 'HEAD' ? new HeadUpdate(crew, order) : undefined;
  }

  /** Sends the request. `leader` is the one it is made for; behind a stale answer there is none. */
  start(leader: Asker | undefined): void {
    if (leader !== undefined) this.#waiting.lead(leader);
    this.#sending = this.#crew.upstream.send(this.order.outbound, this);
    if (this.#isOver) this.#sending.abort();
  }

  /** What it brings, as far as it is to be stored; undefined before its head is here. */
  get draft(): Draft | undefined {
    return this.#cargo?.draft;
  }

  /** What of the response it brings, as its order names parts: all of it also where the origin heeded no range. */
  get part(): string {
    return this.#cargo?.isWhole ? '' : this.order.part;
  }

  /** May this request share it? `predicted` are the selecting fields known for its key while its own are not. */
  accepts(asker: Asker, predicted: readonly string[] | undefined, now: number): boolean {
    if (this.#isOver || !this.withdrawal.isJoinable || !this.order.isShared) return false;
    if (this.#cargo !== undefined) return this.#cargo.accepts(asker, now);
    if (predicted === undefined) return true;
    return variantOf(predicted, asker.fields) === variantOf(predicted, this.order.request.fields);
  }

  /** How many wait for its head beside the one that it is made for; undefined once that is here. */
  get followers(): number | undefined {
    return this.#cargo === undefined ? this.#waiting.followers : undefined;
  }

  /** Shares it with a request that it accepts. */
  join(asker: Asker): void {
    if (this.#cargo === undefined) this.#waiting.add(asker);
    else asker.settle(this.#cargo.stream(false));
  }

  /** The client of one that waits has left. What others may want goes on, what was fetched for this one alone does not. */
  leave(asker: Asker, landing?: Landing): void {
    if (this.#waiting.leave(asker, landing) && this.#waiting.size === 0 && !this.order.isShared) this.abandon();
  }

  /** Ends it; those who wait or read see a broken transfer. */
  abandon(): void {
    this.#sending?.abort();
    this.onFault(new Fault('client-left', 'nobody waits for it any more'));
  }

  onInterim(status: number, fields: Fields): void {
    this.#waiting.interim(status, fields);
  }

  onHead(head: ResponseHead): void {
    try {
      this.#receive(head, endToEnd(head.fields));
    } catch (error) {
      this.#sending?.abort();
      this.onFault(toFault(error));
    }
  }

  onData(chunk: Buffer): boolean {
    return this.#cargo === undefined || this.#cargo.write(chunk);
  }

  onEnd(trailers: Fields): void {
    if (this.#cargo === undefined) return this.#over();
    const { withdrawal: own } = this;
    const mayStore = ({ life, variant }: Draft) => own.allows(variant) && this.#crew.clock() < life.keepUntil;
    this.#cargo.unload(passableTrailers(trailers), mayStore, (entry) => this.#over(entry));
  }

  onFault(fault: Fault): void {
    if (this.#isOver) return;
    countFailure(this.#crew.counters.fetched, fault);
    if (this.#cargo === undefined) this.#failed(fault);
    else this.#cargo.break(fault);
    this.#over();
  }

  onRoom(): void {
    // Not at once: the reader that made room has a chunk in its hand which what comes must not overtake.
    queueMicrotask(() => this.#sending?.resume());
  }

  #receive(head: ResponseHead, fields: Fields): void {
    const { order } = this;
    countArrival(this.#crew.counters.fetched, { ...head, method: order.request.method });
    const arrived: Arrived = {
      request: order.request,
      response: { status: head.status, fields },
      timing: { requestedAt: this.#requestedAt, respondedAt: this.#crew.clock() },
      isConditional: order.isConditional,
      standIn: this.#old.current?.life,
      isBackground: order.isBackground && this.#waiting.size === 0,
    };
    const verdict = arrival(arrived, this.#crew.admission, () => adviceFor(order, head.status, fields));
    this.#crew.outcomes.arrived(order.key, head.status, verdict, arrived.timing.respondedAt);
    this.#headUpdate?.apply(arrived);
    switch (verdict.do) {
      case 'store':
        return this.#carry(head, arrived, verdict.admission);
      case 'pass':
        return this.#passOn(head, fields, verdict);
      case 'renew':
        return this.#renew(arrived);
      case 'rescue':
        this.#sending?.abort();
        this.#failed(head.status);
        return this.#over();
      case 'ask-whole':
        this.#sending?.abort();
        return this.#lookAgain();
      case 'refuse':
        throw new Fault('bad-response', `the origin answered ${head.status}, which was not asked for`);
    }
  }

  #carry(head: ResponseHead, arrived: Arrived, admitted: Extract<Admission, { verdict: 'store' }>): void {
    const draft = draftFor(this.order, arrived, admitted);
    this.withdrawal.arrived(draft);
    const { isWithdrawn } = this.withdrawal;
    const cargo = loaded(this.#crew, head, { arrived, draft, admitted, isWithdrawn, owner: this });
    if (cargo === undefined) {
      const { isEsi } = draft;
      return this.#passOn(head, arrived.response.fields, { ...refused, why: 'no-room', outdates: false, isEsi });
    }
    this.#crew.uncacheable.forget(this.order.lane);
    this.#cargo = cargo;
    this.#waiting.share({ ...draft, sharing: admitted.sharing }, (_, isLeader) => cargo.stream(isLeader));
  }

  #passOn(head: ResponseHead, fields: Fields, { why, isLasting, outdates, isEsi, held }: Passed): void {
    const { uncacheable, clock } = this.#crew;
    if (isLasting) uncacheable.note(this.order.lane, why, clock());
    if (outdates) this.#old.drop();
    const cargo = unshared(head, { fields, why, isEsi, held, method: this.order.request.method, owner: this });
    const hasLeader = this.#waiting.hasLeader;
    this.#waiting.release(() => cargo.stream(true));
    if (hasLeader) this.#cargo = cargo;
    else this.abandon();
  }

  #renew(arrived: Arrived): void {
    const { store, uncacheable } = this.#crew;
    const { order, withdrawal } = this;
    const renewal = renewed(arrived, { crew: this.#crew, order, old: this.#old, withdrawal });
    switch (renewal.is) {
      case 'gone':
        return this.#lookAgain();
      case 'forbidden':
        return this.#passStored(renewal, copyOf(store.borrow(renewal.stale)));
      case 'renewed': {
        const { entry, sharing } = renewal;
        uncacheable.forget(order.lane);
        this.#waiting.share({ ...entry, sharing }, () => ({ is: 'renewed', entry }));
        return this.#over(entry);
      }
    }
  }

  /** The 304 forbids to keep what it renews: the one that asked gets it, and it is gone. */
  #passStored({ stale, fields, why, isEsi }: Extract<Renewal, { is: 'forbidden' }>, body: Buffer): void {
    const { head, held } = headOfBody(stale, fields);
    this.#passOn(head, head.fields, { ...refused, why, outdates: true, isEsi, held });
    this.#cargo?.write(body);
    this.onEnd([]);
  }

  #lookAgain(): void {
    this.#waiting.lookAgain();
    this.#over();
  }

  #failed(why: Failure): void {
    const { backOff, clock, onRefreshFailed } = this.#crew;
    const fault = faultOf(why);
    if (fault.reason === 'client-left') return this.#waiting.tellAll({ is: 'fault', fault });
    const now = clock();
    const entry = this.#old.current;
    if (entry !== undefined) backOff.note(entry, now, now - this.#requestedAt);
    const landing = landingOn(why, entry, now);
    this.#waiting.tellAll(landing, landing.is === 'stale' ? landing.entry : undefined);
    if (this.order.isBackground) onRefreshFailed(this.order, why);
  }

  #over(stored?: Entry): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (stored !== undefined) {
      this.#crew.onStored(stored);
      this.#old.replacedBy(stored);
    }
    this.#old.release();
    this.#onOver(this, stored);
  }
}
