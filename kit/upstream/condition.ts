/** How one member is: what its probes and its requests say of it, and who is told when that changes. */
import type { Fault, Reason } from '../semantics/fault.ts';
import { afterAnswer, afterFailure, afterHead, calm, type Ejection, isEjected, onTrial } from './ejection.ts';
import { FailWindow } from './fail-window.ts';
import type { HealthChange, Settings } from './options.ts';
import { afterProbe, judgedAnew, type ProbeWindow, probeVerdict, windowAtStart, windowText } from './probe-window.ts';

/** Faults of a member, not of a request: to connect, to answer in time, to finish an answer. */
const countable: ReadonlySet<Reason> = new Set([
  ...(['refused', 'unreachable', 'timeout-connect'] as const),
  ...(['reset-before-head', 'reset-mid-body', 'timeout-first-byte', 'timeout-between-bytes'] as const),
  // It answered with a status that `retryOn` names.
  'unavailable',
]);

/** What it answered is not HTTP, or has too long a head: nginx's `invalid_header`. */
const malformed: ReadonlySet<Reason> = new Set(['bad-response', 'response-head-too-large']);

const noConnection: ReadonlySet<Reason> = new Set(['refused', 'unreachable', 'timeout-connect']);

/** What a probe found: good, or a word why not. */
export type ProbeOutcome = { readonly isGood: boolean; readonly why: string };

/** Who hears of changes. */
export type Listener = {
  tell(verdict: HealthChange['verdict'], why: string): void;
  /** It was sick or ejected, and is asked again. `isFirst`: by its first probe, sick only because nobody had asked. */
  returned(isFirst: boolean): void;
};

/** A probed member's health as numbers: Varnish's `backend.list -p`. */
export type ProbeReport = {
  readonly isHealthy: boolean;
  /** Newest last: `11110111`. */
  readonly window: string;
  readonly probes: number;
  readonly lastProbe: string;
  /** How long it has been as it is. */
  readonly forMs: number;
};

export class Condition {
  readonly #listener: Listener;
  #settings: Settings;
  #ejection: Ejection = calm;
  /** Where a part of its requests that fails is to take it out. */
  #outcomes: FailWindow | undefined;
  #wasEjected = false;
  #failures = 0;
  #window: ProbeWindow | undefined;
  #probes = 0;
  #lastProbe = 'not probed yet';
  #since: number;

  constructor(settings: Settings, listener: Listener) {
    this.#settings = settings;
    this.#listener = listener;
    this.#since = settings.clock();
    this.#outcomes = outcomesOf(settings);
    this.#window = settings.probe && windowAtStart(settings.probe, settings.probe.initial);
  }

  /** Do the probes fail? */
  get isSick(): boolean {
    return this.#window !== undefined && !this.#window.isHealthy;
  }

  /** Failures of requests that counted, ever. */
  get failures(): number {
    return this.#failures;
  }

  /** Was it taken out for its failures? For how much longer, in milliseconds; 0: it was not. */
  ejectedForMs(now: number): number {
    return isEjected(this.#ejection, now) ? this.#ejection.until - now : 0;
  }

  isEjected(): boolean {
    return this.#ejection !== calm && isEjected(this.#ejection, this.#settings.clock());
  }

  /** A request is given to it. The first one behind an ejection is there to see whether it answers. */
  chosen(): void {
    if (this.#ejection.times === 0 || this.isEjected()) return;
    this.#ejection = onTrial(this.#ejection, this.#settings.ejection, this.#settings.clock());
  }

  /** It began to answer a request. */
  headCame(): void {
    if (this.#ejection === calm) return;
    const { ejection, clock } = this.#settings;
    const before = this.#ejection;
    this.#ejection = afterHead(before, ejection, clock());
    if (!this.#wasEjected || before === this.#ejection) return;
    this.#say('returned', 'it answers');
    this.#listener.returned(false);
  }

  /** It answered a request to the end. */
  answered(): void {
    if (this.#ejection === calm && this.#outcomes === undefined) return;
    const now = this.#settings.clock();
    this.#outcomes?.answered(now);
    if (this.#ejection !== calm) this.#ejection = afterAnswer(this.#ejection, now);
  }

  /** It failed a request. Says whether that counts against it. */
  failed(fault: Fault): boolean {
    const { ejection, clock } = this.#settings;
    if (!this.#counts(fault.reason)) return false;
    const now = clock();
    this.#failures += 1;
    const isTooMany = this.#outcomes?.failed(now, ejection.failFraction ?? 0) === true;
    if (isTooMany) this.#outcomes?.clear();
    this.#ejection = afterFailure(this.#ejection, ejection, now, isTooMany);
    if (!this.#wasEjected && isEjected(this.#ejection, now)) this.#say('ejected', fault.message);
    return true;
  }

  /** A probe came back. Says whether the member went sick by it. */
  probed({ isGood, why }: ProbeOutcome): boolean {
    const { probe, clock } = this.#settings;
    if (probe === undefined || this.#window === undefined) return false;
    const before = this.#window;
    this.#window = afterProbe(before, isGood, probe);
    this.#probes += 1;
    this.#lastProbe = why;
    const verdict = probeVerdict(before, this.#window);
    const isFirst = this.#probes === 1;
    if (verdict === 'went sick' || verdict === 'back healthy') this.#since = clock();
    if (verdict === 'back healthy') {
      this.#listener.tell('healthy', why);
      this.#listener.returned(isFirst);
    } else if (verdict === 'went sick' || (verdict === 'still sick' && isFirst && !isGood)) {
      // Sick from the beginning is no change, and news all the same.
      this.#listener.tell('sick', why);
    }
    return verdict === 'went sick';
  }

  /** Other rules. What was seen so far is judged by them; says whether the member went sick by that. */
  change(settings: Settings): boolean {
    const wasSick = this.isSick;
    if (isOtherRule(this.#settings, settings)) this.#outcomes = outcomesOf(settings);
    this.#settings = settings;
    const { probe } = settings;
    if (probe === undefined) this.#window = undefined;
    else this.#window = this.#window ? judgedAnew(this.#window, probe) : windowAtStart(probe, probe.initial);
    if (wasSick !== this.isSick) this.#since = settings.clock();
    return this.isSick && !wasSick;
  }

  report(now: number): ProbeReport | undefined {
    const { probe } = this.#settings;
    if (probe === undefined || this.#window === undefined) return undefined;
    return {
      isHealthy: this.#window.isHealthy,
      window: windowText(this.#window, probe),
      probes: this.#probes,
      lastProbe: this.#lastProbe,
      forMs: Math.round(now - this.#since),
    };
  }

  #counts(reason: Reason): boolean {
    const { countsAnswers, ejection } = this.#settings;
    if (!countsAnswers) return noConnection.has(reason);
    return countable.has(reason) || (ejection.countsMalformed === true && malformed.has(reason));
  }

  #say(verdict: 'ejected' | 'returned', why: string): void {
    this.#wasEjected = verdict === 'ejected';
    // A connection that is not taken is told by the fault; only who asked for ejection hears of it here.
    if (this.#settings.countsAnswers) this.#listener.tell(verdict, why);
  }
}

/** As far back as a member is out. */
function outcomesOf({ ejection, countsAnswers }: Settings): FailWindow | undefined {
  return countsAnswers && ejection.failFraction ? new FailWindow(ejection.failMs) : undefined;
}

function isOtherRule({ ejection: before }: Settings, { ejection: now }: Settings): boolean {
  return before.failMs !== now.failMs || before.failFraction !== now.failFraction;
}
