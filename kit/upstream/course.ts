/** The course of one request through an upstream: who is asked, who else when that fails, and who was not. */
import { formatAddress } from '../process/units.ts';
import { Fault } from '../semantics/fault.ts';
import { type Asker, Attempt, type Failure } from './attempt.ts';
import type { Wish } from './choice.ts';
import type { Member } from './member.ts';
import type { Members } from './members.ts';
import type { Guest } from './placing.ts';
import type { Resolver } from './resolver.ts';
import { afterSetback, isRepeatable, type Verdict } from './retry.ts';
import type { Tally } from './tally.ts';
import { untilOver } from './total-time.ts';
import type { Outbound, ResponseSink, Sending } from './upstream.ts';
import { failedToConnect } from './upstream-fault.ts';

const nobody: readonly Member[] = [];

/** What an upstream is for its requests. */
export type Group = { readonly members: Members; readonly tally: Tally };

type Redress = { readonly kind: Exclude<Verdict['next'], 'give-up'>; readonly fault: Fault; readonly member: Member };

export class Course implements Sending, Guest, Asker {
  inLine: number | undefined;
  readonly #members: Members;
  readonly #tally: Tally;
  readonly #outbound: Outbound;
  #sink: ResponseSink;
  /** When it was first given to a member; until then, when it came. */
  #startedAt = 0;
  #retries = 0;
  #wasReplayed = false;
  /** For a name that was never resolved, for one whose address takes no connection, and for another one then. */
  #waitsLeft = 3;
  #attempt: Attempt | undefined;
  #tried: readonly Member[] = nobody;
  /** Whose failure it was, and what is done about it. */
  #setback: Redress | undefined;
  /** Ends the wait for a name. */
  #stopWaiting: (() => void) | undefined;
  #hasLeft = false;
  /** The deadline of the whole, where there is one. */
  #late: Disposable | undefined;

  constructor({ members, tally }: Group, outbound: Outbound, sink: ResponseSink) {
    this.#members = members;
    this.#tally = tally;
    this.#outbound = outbound;
    this.#sink = sink;
  }

  get wish(): Wish {
    return this.#outbound;
  }

  get tried(): readonly Member[] {
    return this.#tried;
  }

  start(): void {
    this.#startedAt = this.#members.settings.clock();
    this.#tally.asked(this.#startedAt);
    this.seek();
  }

  resume(): void {
    this.#attempt?.resume();
  }

  abort(): void {
    if (!this.#hasLeft) this.#end(new Fault('client-left', 'the client left'));
  }

  seek(): void {
    if (this.#hasLeft) return;
    const place = this.#place();
    if (place === undefined) this.#askLater();
    else if (place !== 'waits') this.#ask(place);
  }

  welcome(member: Member): void {
    if (this.#hasLeft) return member.slots.leave();
    if (this.#setback === undefined) this.#startedAt = this.#members.settings.clock();
    this.#ask(member);
  }

  turnAway(fault: Fault): void {
    this.#sink.onFault(fault);
  }

  failed(member: Member, { fault, how }: Failure): void {
    this.#attempt = undefined;
    const kind = this.#judge(fault, how);
    if (kind === 'give-up') return this.#sink.onFault(fault);
    this.#redress({ kind, fault, member });
    if (kind === 'replay' && canTakeAgain(member)) {
      member.slots.take();
      return this.#ask(member);
    }
    if (failedToConnect(fault)) member.resolver?.urge();
    // A connection that died of idleness, or the end of a process, is no reason not to wait for that member.
    if (kind !== 'replay' && !(kind === 'redial' && this.#isPaused(member))) this.#tried = [...this.#tried, member];
    this.seek();
  }

  declines(member: Member, fault: Fault): boolean {
    if (this.#judge(fault, 'answered') === 'give-up') return false;
    const before = this.#tried;
    this.#tried = [...before, member];
    const other = this.#members.placeNow(this);
    if (other === undefined) {
      this.#tried = before;
      return false;
    }
    this.#attempt = undefined;
    this.#redress({ kind: 'retry', fault, member });
    // Not in the midst of the parser's work for the answer that is declined.
    queueMicrotask(() => this.welcome(other));
    return true;
  }

  /** Nobody is left that was not tried: a request that may be sent again goes to whoever there is. */
  #place(): Member | 'waits' | undefined {
    const place = this.#members.place(this);
    if (place !== undefined || this.#tried.length === 0 || this.#setback?.kind === 'redial') return place;
    this.#tried = nobody;
    return this.#members.place(this);
  }

  /** Who takes no connection may be gone: as long as that may be news, whoever wants it waits in the queue. */
  #isPaused({ slots }: Member): boolean {
    const { pauseMs, timer } = this.#members.settings;
    if (pauseMs > 0) slots.pause(timer, pauseMs);
    return pauseMs > 0;
  }

  #end(why: Fault): void {
    this.#hasLeft = true;
    this.#late?.[Symbol.dispose]();
    this.#stopWaiting?.();
    this.#members.withdraw(this);
    this.#attempt?.abort(why);
  }

  #limit(totalMs: number): void {
    const { settings } = this.#members;
    const sink = this.#sink;
    const late = settings.timer(() => {
      const fault = new Fault('timeout-total', `${settings.name} did not answer to the end in ${totalMs}ms`);
      this.#end(fault);
      sink.onFault(fault);
    }, totalMs);
    this.#late = late;
    this.#sink = untilOver(sink, late);
  }

  #ask(member: Member): void {
    const { totalMs } = this.#members.settings.timeouts;
    if (totalMs !== undefined && this.#late === undefined) this.#limit(totalMs);
    const redress = this.#setback;
    if (redress) this.#sink.onRetry?.({ ...redress, to: formatAddress(member.address) });
    const { settings } = this.#members;
    this.#attempt = new Attempt({ settings, member, outbound: this.#outbound, sink: this.#sink }, this);
    this.#attempt.start();
  }

  #judge(fault: Fault, how: Failure['how']): Verdict['next'] {
    const { settings } = this.#members;
    const { method, body } = this.#outbound;
    const now = settings.clock();
    const setback = {
      ...{ reason: fault.reason, how, retries: this.#retries, wasReplayed: this.#wasReplayed },
      ...{ isRepeatable: isRepeatable(method, body), sinceMs: now - this.#startedAt },
    };
    const { next } = afterSetback(setback, settings);
    return next === 'retry' && !this.#tally.affords(settings.retryBudget, now) ? 'give-up' : next;
  }

  #redress(redress: Redress): void {
    this.#setback = redress;
    switch (redress.kind) {
      case 'redial':
        return this.#tally.redialled();
      case 'replay':
        this.#wasReplayed = true;
        return this.#tally.replayed();
      case 'retry':
        this.#retries += 1;
        return this.#tally.retried(this.#members.settings.clock());
    }
  }

  /** Nobody is left: waits for a look-up that may bring somebody. */
  #askLater(): void {
    const failed = this.#setback && failedToConnect(this.#setback.fault) ? this.#setback.member : undefined;
    const fault = this.#setback?.fault ?? this.#members.fault();
    const resolver = this.#waitsLeft > 0 ? this.#members.lookUpFor(failed) : undefined;
    if (resolver === undefined) return this.#sink.onFault(fault);
    if (resolver.waiting >= this.#members.most) return this.#sink.onFault(this.#members.queueFull());
    this.#waitsLeft -= 1;
    this.#wait(resolver, (isLate) => {
      const place = this.#members.place(this);
      if (place === undefined && !isLate && failed) this.#askLater();
      else if (place === undefined) this.#sink.onFault(failed ? fault : this.#members.fault());
      else if (place !== 'waits') this.#ask(place);
    });
  }

  #wait(resolver: Resolver, then: (isLate: boolean) => void): void {
    const { timer, timeouts } = this.#members.settings;
    const stop = () => {
      this.#stopWaiting = undefined;
      resolver.forget(looked);
      late[Symbol.dispose]();
    };
    const proceed = (isLate = false) => {
      stop();
      then(isLate);
    };
    const late = timer(() => proceed(true), timeouts.connectMs);
    this.#stopWaiting = stop;
    const looked = () => proceed();
    resolver.whenAsked(looked);
  }
}

function canTakeAgain(member: Member): boolean {
  return !member.isRetired && !member.isDown && member.slots.isFree;
}
