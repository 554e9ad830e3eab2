/**
 * Who gets which connection: each request a free one of the member that the balance says, or a place in the one queue of
 * the group, from which a connection that comes free at any member takes the first that may use it.
 *
 * While a request waits, no member is free that it could be given to: so who comes anew and finds a free one overtakes
 * nobody, and need not look at the queue. A client that stays with a member (`stickyTo`) waits for that one as long as
 * it is well; all others, those of a hash too, take what comes free first.
 */
import type { Standing } from './balance.ts';
import { chooseMember, type Wish } from './choice.ts';
import type { Member } from './member.ts';
import type { Settings } from './options.ts';
import { Queue, type Waiting } from './queue.ts';

/** A request that wants a connection. */
export interface Guest extends Waiting {
  readonly wish: Wish;
  /** Not to be given to these. */
  readonly tried: readonly Member[];
  /** One of this member's connections is the guest's now: it leaves `slots` when it is done. */
  welcome(member: Member): void;
  /** What it waited for is gone: it may look for another place. */
  seek(): void;
}

const nobody: readonly Member[] = [];

export class Placing {
  #settings: Settings;
  #all: readonly Member[] = nobody;
  readonly #queue: Queue<Guest>;
  /** Until a member is no longer out for its failures. */
  #wake: Disposable | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#queue = new Queue(settings.name, settings);
  }

  get waiting(): number {
    return this.#queue.waiting;
  }

  get mostWaiting(): number {
    return this.#queue.mostWaiting;
  }

  get hasRoom(): boolean {
    return this.#queue.hasRoom;
  }

  /** A member one of whose connections is the guest's now; or it waits; or nobody is left that it may be given to. */
  place(guest: Guest): Member | 'waits' | undefined {
    const member = this.#best(guest, standingNow);
    if (member === undefined) return undefined;
    if (member.slots.isFree) return taken(member);
    this.#queue.enter(guest);
    this.#watch();
    return 'waits';
  }

  /** The same without waiting. */
  placeNow(guest: Guest): Member | undefined {
    const member = this.#best(guest, standingNow);
    return member?.slots.isFree ? taken(member) : undefined;
  }

  withdraw(guest: Guest): void {
    this.#queue.withdraw(guest);
  }

  /** A connection may be free. */
  serve(): void {
    if (this.#queue.waiting === 0) return;
    this.#queue.serve((guest) => {
      if (!this.#all.some(({ slots, condition }) => slots.isFree && !condition.isSick)) return 'stop';
      if (this.#isStaying(guest)) return 'waits';
      const member = this.#best(guest, standingToThoseWhoWait);
      if (!member?.slots.isFree) return 'waits';
      taken(member);
      // Not in the midst of the parser's work for the one that leaves, nor ever deeper when all fail at once.
      queueMicrotask(() => this.#welcome(guest, member));
      return 'served';
    });
    this.#watch();
  }

  /** Others are there, or some are not any more; or somebody went sick, or is well again. */
  changed(all: readonly Member[], settings: Settings): void {
    this.#all = all;
    if (settings !== this.#settings) this.#queue.change(settings);
    this.#settings = settings;
    if (this.#queue.waiting === 0) return;
    this.serve();
    const lost = this.#queue.release((guest) => this.#best(guest, standingToThoseWhoWait) === undefined);
    for (const guest of lost) guest.seek();
  }

  /** Nobody is let in any more, and nobody waits. */
  close(): void {
    this.changed(nobody, this.#settings);
    this.#queue[Symbol.dispose]();
    this.#wake?.[Symbol.dispose]();
  }

  /** That the time of an ejection is over nobody says; who waits for others may be given to that member then. */
  #watch(): void {
    this.#wake?.[Symbol.dispose]();
    this.#wake = undefined;
    if (this.#queue.waiting === 0) return;
    const now = this.#settings.clock();
    const free = this.#all.filter(({ slots }) => slots.isFree);
    const soonest = Math.min(...free.map(({ condition }) => condition.ejectedForMs(now) || Number.POSITIVE_INFINITY));
    if (Number.isFinite(soonest)) this.#wake = this.#settings.timer(() => this.serve(), soonest);
  }

  #best({ wish, tried }: Guest, standingOf: (member: Member) => Standing): Member | undefined {
    const [only] = this.#all;
    if (only === undefined) return undefined;
    if (this.#all.length > 1) return chooseMember(this.#all, { wish, tried }, this.#settings, standingOf);
    const standing = standingOf(only);
    return standing === 'sick' || standing === 'full' || tried.includes(only) ? undefined : only;
  }

  /** Does a client stay with a member that is well and has no connection free? For less than `choose` would take. */
  #isStaying({ wish: { stickyTo }, tried }: Guest): boolean {
    if (stickyTo === undefined) return false;
    const member = this.#all.find(({ id }) => id === stickyTo);
    return member !== undefined && !tried.includes(member) && standingToThoseWhoWait(member) === 'busy';
  }

  #welcome(guest: Guest, member: Member): void {
    if (!member.isRetired && !member.isDown) return guest.welcome(member);
    member.slots.leave();
    guest.seek();
  }
}

const standingNow = (member: Member) => member.standing;

/** To those that wait already the queue is never too long. */
const standingToThoseWhoWait = (member: Member) => member.standingOf('busy');

function taken(member: Member): Member {
  member.slots.take();
  return member;
}
