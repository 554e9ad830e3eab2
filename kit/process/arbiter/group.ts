/** The members of a group: made, told, heard of. What is to be done with them is the arbiter's to say. */
import { Chronicle, sayEnd } from './chronicle.ts';
import type { Member, MemberEnd, MemberEvents, Seat } from './member.ts';
import type { ArbiterOptions } from './options.ts';
import type { Action, GroupView, MemberState, Tired } from './plan.ts';

/** What the arbiter is told. */
export type GroupEvents = {
  /** Something is not as it was: the plan is to be asked anew. */
  onTurn(): void;
  /** It is known whether somebody comes up at this place. */
  onTried(place: number): void;
  /** Nobody is to be started any more. */
  onFatal(why: Error): void;
};

export class Group<M extends Member> {
  readonly #options: ArbiterOptions<M>;
  readonly #events: GroupEvents;
  readonly #members = new Map<number, M>();
  readonly past: Chronicle;
  wanted: number;
  /** Did all come up once, or fall? */
  isUp = false;
  isStopping = false;
  /** Did one end badly since it is stopping? */
  wasCut = false;
  #serial = 0;

  constructor(options: ArbiterOptions<M>, events: GroupEvents) {
    this.#options = options;
    this.#events = events;
    this.past = new Chronicle(options.log);
    this.wanted = options.wanted;
  }

  /** All that have not ended, in the order in which they were started. */
  get members(): readonly M[] {
    return [...this.#members.values()];
  }

  get view(): GroupView {
    const { members, wanted } = this;
    const { generation, failedBoots, lastFall, restarts } = this.past;
    return { members, wanted, generation, failedBoots, lastFall, notBefore: restarts.notBefore(wanted) };
  }

  carryOut(action: Exclude<Action, { do: 'wait' }>): void {
    switch (action.do) {
      case 'start':
        return this.#start(action.place);
      case 'retire':
        return void this.#retire(action);
      case 'dump':
      case 'end':
      case 'kill':
        return this.#end(action);
    }
  }

  #start(place: number): void {
    const { spawn, nameOf, log } = this.#options;
    this.#serial += 1;
    const seat = { id: this.#serial, place, generation: this.past.generation };
    this.past.born(seat);
    try {
      this.#members.set(seat.id, spawn(seat, this.#eventsOf(seat)));
    } catch (error) {
      // The system would not start it; it may in a while.
      const delayMs = this.past.couldNotStart(seat, String(error), this.wanted);
      log.error({ err: error, worker: place }, `${nameOf(place)} could not be started; again in ${delayMs}ms`);
      this.#events.onTried(place);
    }
  }

  #eventsOf({ id }: Seat): MemberEvents {
    const on = (what: (member: M) => void) => {
      const member = this.#members.get(id);
      if (member !== undefined) what(member);
    };
    return {
      onReady: () => on((member) => this.#ready(member)),
      onTired: (why) => on((member) => this.#tired(member, why)),
      onDoomed: (why) => this.past.doom(id, why),
      onGone: () => on((member) => this.#gone(member)),
      onEnd: (end) => on((member) => this.#ended(member, end)),
    };
  }

  async #retire({ id, why }: Extract<Action, { do: 'retire' }>): Promise<void> {
    const member = this.#members.get(id);
    if (member === undefined) return;
    this.past.doom(id, why);
    enter(member, 'leaving');
    this.#options.onChange?.();
    await member.retire();
    member.inFlight = 0;
    this.#events.onTurn();
  }

  #end(action: Extract<Action, { do: 'dump' | 'end' | 'kill' }>): void {
    const member = this.#members.get(action.id);
    if (member === undefined) return;
    this.past.doom(action.id, action.why);
    enter(member, action.do === 'dump' ? 'hung' : 'ending');
    member.signal(({ dump: 'SIGABRT', end: 'SIGTERM', kill: 'SIGKILL' } as const)[action.do]);
  }

  #ready(member: M): void {
    if (member.state !== 'starting' || this.isStopping) return;
    enter(member, 'ready');
    member.hasServed = true;
    this.past.served(member);
    const { place, pid } = member;
    this.#options.log.info({ worker: place, workerPid: pid }, `${this.#options.nameOf(place)} is ready`);
    this.#events.onTried(place);
    this.#events.onTurn();
  }

  #tired(member: M, why: Tired): void {
    if (this.isStopping || member.tired === why || member.tired === 'timeout') return;
    member.tired = why;
    const { place, pid, generation } = member;
    const record = { worker: place, workerPid: pid, generation, why };
    const [level, what] = why === 'timeout' ? (['error', 'hangs'] as const) : (['info', 'is to be replaced'] as const);
    this.#options.log[level](record, `${this.#options.nameOf(place)} ${what}: ${why}`);
    this.#events.onTurn();
  }

  #gone(member: M): void {
    enter(member, 'gone');
    if (!this.isStopping) this.#options.onChange?.();
  }

  #ended(member: M, end: MemberEnd): void {
    this.#members.delete(member.id);
    this.wasCut ||= this.isStopping && end.code !== 0;
    if (this.isStopping) return;
    const { log, nameOf, record, fatal } = this.#options;
    const ended = this.past.ended(member, end, this.wanted);
    const isFall = ended.delayMs !== undefined;
    const why = isFall && !this.isUp ? fatal?.(member, end) : undefined;
    // Of what ends the whole server that speaks itself.
    if (why !== undefined) this.#events.onFatal(why);
    else sayEnd(log, nameOf(member.place), member, { ...ended, end, record: record?.(member, end) ?? {} });
    if (isFall) this.#events.onTried(member.place);
    this.#events.onTurn();
  }
}

function enter(member: Member, state: MemberState): void {
  member.state = state;
  member.since = performance.now();
}
