import type { Log } from '../log.ts';
import type { Member, MemberEnd, MemberEvents, Seat } from './member.ts';
import type { PlanLimits } from './plan.ts';

/** What an arbiter goes by. */
export type ArbiterOptions<M extends Member> = {
  /** How many are to serve at first. */
  readonly wanted: number;
  readonly limits: PlanLimits;
  readonly log: Log;
  /** How messages call one of them: `process 2 of the app`. */
  nameOf(place: number): string;
  /** Starts one. @throws what the system says that would not. */
  spawn(seat: Seat, events: MemberEvents): M;
  /** Who serves may be somebody else: told before anybody is ended, and more often than it is so. */
  onChange?(): void;
  /** Of one that ended before `start` was over: why there is to be no second try. `start` rejects with it. */
  fatal?(member: M, end: MemberEnd): Error | undefined;
  /** What the log is to tell of one that ended, beside what the arbiter knows. */
  record?(member: M, end: MemberEnd): object;
};
