/** Probes one member again and again until it is disposed; what the answers mean is `condition.ts`. */
import type { ProbeOutcome } from './condition.ts';
import type { ProbeRule, SetTimer } from './options.ts';
import { probe, type Question } from './probe.ts';

export type Probing = Question & {
  readonly rule: ProbeRule;
  readonly timer: SetTimer;
  /** From 0 up to 1. */
  random(): number;
  onOutcome(outcome: ProbeOutcome): void;
};

/** Of the interval, to either side: members that were started together are not to be asked together for ever. */
const jitter = 0.1;

export class Prober implements Disposable {
  readonly #probing: Probing;
  /** The probe under way, or the wait for the next one. */
  #now: Disposable;

  /** The first probe is made at once. */
  constructor(probing: Probing) {
    this.#probing = probing;
    this.#now = probing.timer(() => this.#ask(), 0);
  }

  [Symbol.dispose](): void {
    this.#now[Symbol.dispose]();
  }

  #ask(): void {
    this.#now = probe(this.#probing, (outcome) => {
      const { rule, timer, random, onOutcome } = this.#probing;
      const ms = rule.intervalMs * (1 - jitter + 2 * jitter * random());
      this.#now = timer(() => this.#ask(), ms);
      // Last: who is told may dispose of this.
      onOutcome(outcome);
    });
  }
}
