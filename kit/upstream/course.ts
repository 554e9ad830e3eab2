/** The course of one request through an upstream: who is asked, who else when nothing was sent, and the one safe retry. */
import { Fault } from '../semantics/fault.ts';
import { Attempt, type Failure } from './attempt.ts';
import type { Member } from './member.ts';
import type { Members } from './members.ts';
import type { Resolver } from './resolver.ts';
import type { Outbound, ResponseSink, Sending } from './upstream.ts';
import { failedToConnect } from './upstream-fault.ts';

const safeToRepeat: ReadonlySet<string> = new Set(['GET', 'HEAD']);

const nobody: readonly Member[] = [];

export class Course implements Sending {
  readonly #members: Members;
  readonly #outbound: Outbound;
  readonly #sink: ResponseSink;
  #mayRepeat: boolean;
  /** For a name that was never resolved, and for one whose address takes no connection. */
  #waitsLeft = 2;
  #attempt: Attempt | undefined;
  #tried: readonly Member[] = nobody;
  /** Ends the wait for a name. */
  #stopWaiting: (() => void) | undefined;

  constructor(members: Members, outbound: Outbound, sink: ResponseSink) {
    this.#members = members;
    this.#outbound = outbound;
    this.#sink = sink;
    this.#mayRepeat = outbound.body === undefined && safeToRepeat.has(outbound.method);
  }

  start(): void {
    const member = this.#members.next(this.#outbound, nobody);
    if (member) this.#ask(member);
    else this.#askLater(this.#members.fault(), undefined);
  }

  resume(): void {
    this.#attempt?.resume();
  }

  abort(): void {
    this.#stopWaiting?.();
    this.#attempt?.abort(new Fault('client-left', 'the client left'));
  }

  failed(member: Member, { fault, where, isStale }: Failure): void {
    if (where === 'elsewhere') return this.#askAnother(member, fault);
    if (!this.#mayRepeat || !isStale) return this.#sink.onFault(fault);
    this.#mayRepeat = false;
    if (member.isRetired || member.isDown) this.#askAnother(member, fault);
    else this.#ask(member);
  }

  #ask(member: Member): void {
    const asking = { name: this.#members.settings.name, member, outbound: this.#outbound, sink: this.#sink };
    this.#attempt = new Attempt(asking, this);
    this.#attempt.start();
  }

  #askAnother(failed: Member, fault: Fault): void {
    this.#attempt = undefined;
    this.#tried = [...this.#tried, failed];
    if (failedToConnect(fault)) failed.resolver?.urge();
    const next = this.#members.next(this.#outbound, this.#tried);
    if (next) this.#ask(next);
    else this.#askLater(fault, failedToConnect(fault) ? failed : undefined);
  }

  /** Nobody is left: waits for a look-up that may bring somebody. */
  #askLater(fault: Fault, failed: Member | undefined): void {
    const resolver = this.#waitsLeft > 0 ? this.#members.lookUpFor(failed) : undefined;
    if (resolver === undefined) return this.#sink.onFault(fault);
    if (resolver.waiting >= this.#members.most) return this.#sink.onFault(this.#members.queueFull());
    this.#waitsLeft -= 1;
    this.#wait(resolver, () => {
      const next = this.#members.next(this.#outbound, this.#tried);
      if (next) this.#ask(next);
      else this.#sink.onFault(failed ? fault : this.#members.fault());
    });
  }

  #wait(resolver: Resolver, then: () => void): void {
    const { timer, timeouts } = this.#members.settings;
    const stop = () => {
      this.#stopWaiting = undefined;
      resolver.forget(proceed);
      late[Symbol.dispose]();
    };
    const proceed = () => {
      stop();
      then();
    };
    const late = timer(proceed, timeouts.connectMs);
    this.#stopWaiting = stop;
    resolver.whenAsked(proceed);
  }
}
