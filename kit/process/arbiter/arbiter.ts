/**
 * Looks after a group of processes. `plan.ts` decides; here it is carried out, on members that whoever uses this makes. All
 * that is heard (a signal, an end, a wish) is noted and the plan asked anew.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Group } from './group.ts';
import type { Member } from './member.ts';
import type { ArbiterOptions } from './options.ts';
import { plan } from './plan.ts';
import { outcomeOf, type Reloaded, sentenceOf } from './reloaded.ts';

/** As many as anybody may wish for. */
const mostMembers = 1024;
const askAgainMs = 5;

export class Arbiter<M extends Member> implements AsyncDisposable {
  readonly #options: ArbiterOptions<M>;
  readonly #group: Group<M>;
  readonly #up = Promise.withResolvers<void>();
  readonly #tried = new Set<number>();
  #hear: ((outcome: Reloaded) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ArbiterOptions<M>) {
    this.#options = options;
    this.#group = new Group(options, {
      onTurn: () => this.#turn(),
      onTried: (place) => this.#isTried(place),
      onFatal: (why) => {
        this.#up.reject(why);
        this.#halt();
      },
    });
  }

  /** Starts all; resolves once each is ready, or has fallen and is tried again. Rejects with what is `fatal`. */
  async start(): Promise<void> {
    this.#turn();
    await this.#up.promise;
  }

  /** All that have not ended, in the order in which they were started. */
  get members(): readonly M[] {
    return this.#group.members;
  }

  /** Those that serve. */
  get ready(): readonly M[] {
    return this.members.filter(({ state }) => state === 'ready');
  }

  /** How many are to serve. */
  get wanted(): number {
    return this.#group.wanted;
  }

  /** Of the code as it is now. */
  get generation(): number {
    return this.#group.past.generation;
  }

  get isStopping(): boolean {
    return this.#group.isStopping;
  }

  /** Is somebody to come up soon, where nobody serves? */
  get isExpected(): boolean {
    return !this.isStopping && !this.#group.past.restarts.isHopeless(this.wanted);
  }

  /** How many ended, by reason. */
  get ends(): Readonly<Record<string, number>> {
    return this.#group.past.restarts.byReason;
  }

  /** `true` when as many serve as are wanted, or why not. */
  get readiness(): true | string {
    const { isHopeless, lastEnd } = this.stats;
    const missing = this.wanted - this.ready.length;
    if (missing <= 0) return true;
    const of = `${missing} of ${this.wanted} workers`;
    if (isHopeless) return `hopeless: ${of} fall again and again: ${lastEnd?.why}`;
    return `${of} ${missing === 1 ? 'is' : 'are'} being started`;
  }

  /** What there is to say of all of them together. JSON. */
  get stats() {
    return this.#group.past.stats(this.wanted);
  }

  /** What there is to say of each. JSON. */
  get rows() {
    return this.members.map((member) => {
      const { place, pid, state, generation, tired } = member;
      const ageSeconds = Math.round(this.#group.past.livedMs(member) / 1000);
      return { worker: place, pid, state, generation, ageSeconds, ...(tired && { tired }) };
    });
  }

  /** Replaces each by one with the code as it is now, one after another, each once the new one is ready. */
  reload(why: string): Promise<Reloaded> {
    if (this.isStopping) return Promise.resolve({ verdict: 'refused', why: 'this server ends' });
    const { promise, resolve } = Promise.withResolvers<Reloaded>();
    const generation = this.#group.past.reloaded();
    this.#options.log.info({ generation }, `the app is reloaded: ${why}`);
    this.#heard({ verdict: 'refused', why: 'another reload came' });
    this.#hear = resolve;
    this.#turn();
    return promise;
  }

  /** So many more, or fewer, but never none: then those at the last places go. How many are wanted from now on. */
  resize(by: number): number {
    const before = this.wanted;
    const wanted = Math.max(1, Math.min(mostMembers, before + by));
    if (wanted !== before) this.#options.log.info({ workers: wanted }, `${wanted} workers are wanted, not ${before}`);
    this.#group.wanted = wanted;
    this.#turn();
    // Those that are not wanted any more may be all that were waited for.
    this.#upWhenAllAreTried();
    return wanted;
  }

  /**
   * Starts nobody any more, and tells each to end; `cut` when one ended badly, or was killed after `killAfterMs`. Those that
   * serve are told once the others have ended, but after `othersMs` in any case.
   */
  async stop(tell: (member: M) => void, killAfterMs: number, othersMs = 0): Promise<'clean' | 'cut'> {
    this.#halt();
    const timer = setTimeout(() => this.kill(), killAfterMs);
    const others = othersMs > 0 ? this.members.filter(({ state }) => state === 'starting') : [];
    for (const member of others) tell(member);
    const until = performance.now() + othersMs;
    while (others.some((other) => this.members.includes(other)) && performance.now() < until) await wait(askAgainMs);
    for (const member of this.members) if (!others.includes(member)) tell(member);
    while (this.members.length > 0) await wait(askAgainMs);
    clearTimeout(timer);
    return this.#group.wasCut ? 'cut' : 'clean';
  }

  /** Ends all of them at once. */
  kill(): void {
    this.#halt();
    for (const member of this.members) member.signal('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop((member) => member.signal('SIGKILL'), 0);
  }

  #halt(): void {
    this.#group.isStopping = true;
    clearTimeout(this.#timer);
    this.#up.resolve();
    this.#heard({ verdict: 'refused', why: 'this server ends' });
  }

  /** Does what is to be done now, tells that somebody else may serve, and comes back when more is to be done. */
  #turn(): void {
    if (this.isStopping) return;
    clearTimeout(this.#timer);
    const now = performance.now();
    const actions = plan(this.#group.view, this.#options.limits, now);
    for (const action of actions) {
      if (action.do !== 'wait') this.#group.carryOut(action);
      else this.#comeBack(action.until - now);
    }
    this.#options.onChange?.();
    // Who was just started has his deadline, too.
    if (actions.some((action) => action.do !== 'wait')) this.#turn();
    else this.#settle();
  }

  #comeBack(inMs: number): void {
    // What was carried out may have had its own turn.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#turn(), Math.max(1, Math.ceil(inMs)));
  }

  #isTried(place: number): void {
    this.#tried.add(place);
    this.#upWhenAllAreTried();
  }

  #upWhenAllAreTried(): void {
    for (let place = 1; place <= this.wanted; place++) if (!this.#tried.has(place)) return;
    this.#group.isUp = true;
    this.#up.resolve();
  }

  /** Is a reload over? */
  #settle(): void {
    const outcome = this.#hear && outcomeOf(this.#group.view, this.#group.past.lastEnd?.why);
    if (outcome === undefined) return;
    this.#options.log[outcome.verdict === 'reloaded' ? 'info' : 'error'](sentenceOf(outcome));
    this.#heard(outcome);
  }

  #heard(outcome: Reloaded): void {
    this.#hear?.(outcome);
    this.#hear = undefined;
  }
}
