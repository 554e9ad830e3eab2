import type { Log } from '@trivet/kit/process/log.ts';
import { RefusalLog } from '@trivet/kit/process/refusal-log.ts';
import { passage, type Rate } from '../policy/rate.ts';
import type { Counters } from './counters.ts';

export type PurgeGateOptions = {
  /** Purges and bans a second, over all who may; 0: as many as come. */
  readonly perSecond: number;
  readonly counters: Counters;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  clock(): number;
};

/** Who may invalidate is asked elsewhere; here it is how often, and what is said of those who were refused. */
export class PurgeGate {
  readonly #rate: Rate | undefined;
  readonly #counters: Counters;
  readonly #clock: () => number;
  readonly #refusals: RefusalLog;
  #dueAt = 0;

  constructor({ perSecond, counters, log, clock }: PurgeGateOptions) {
    this.#rate = perSecond === 0 ? undefined : { perSecond, burst: perSecond };
    this.#counters = counters;
    this.#clock = clock;
    this.#refusals = new RefusalLog(log);
  }

  /** 0 for the one that may go on; else milliseconds to wait. The one that must wait is counted, and logged. */
  waitMs(client: string): number {
    if (this.#rate === undefined) return 0;
    const verdict = passage(this.#dueAt, this.#clock(), this.#rate);
    if (verdict.verdict === 'wait') {
      this.#counters.purgesDelayed += 1;
      this.#refusals.note(client, { client, ratePerSecond: this.#rate.perSecond }, 'too many purges');
      return verdict.ms;
    }
    this.#dueAt = verdict.dueAt;
    return 0;
  }

  /** One has passed elsewhere: it counts for the rate here too. */
  note(): void {
    if (this.#rate === undefined) return;
    const verdict = passage(this.#dueAt, this.#clock(), this.#rate);
    if (verdict.verdict === 'go') this.#dueAt = verdict.dueAt;
  }

  /** One that may not purge at all has tried. */
  denied(client: string, target: string): void {
    this.#counters.purgesDenied += 1;
    this.#refusals.note(client, { client, target }, 'a purge was refused: the address is not in EDGE_PURGE_FROM');
  }
}
