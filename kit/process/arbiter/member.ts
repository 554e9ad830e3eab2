/** What an arbiter has to do with one of the processes that it looks after, and what it is told of it. */
import type { MemberState, MemberView, Tired } from './plan.ts';

/** Where one is started, and with which code. */
export type Seat = Pick<MemberView, 'id' | 'place' | 'generation'>;

/** A process that an arbiter looks after. Made by `spawn`; begin with `newcomer`. */
export type Member = Seat & {
  readonly pid: number;
  /** These three are the arbiter's to write. */
  state: MemberState;
  since: number;
  hasServed: boolean;
  /** Requests that it has, as far as is known; written by either. */
  inFlight: number;
  tired?: Tired | undefined;
  /** Lets it take no more; resolves when all that it had is answered. Never, where it ends by itself then. */
  retire(): Promise<void>;
  /** What is sent to one that is gone already, is lost. */
  signal(name: 'SIGTERM' | 'SIGABRT' | 'SIGKILL'): void;
};

/** How one ended. */
export type MemberEnd = {
  readonly code: number | null;
  readonly signal: string | null;
  /** In a line, for people: `exit code 1: it said this`. */
  readonly why: string;
};

/** What whoever made a member says of it. */
export type MemberEvents = {
  /** It serves from now on. */
  onReady(): void;
  /** It serves, and should be replaced; `timeout`: it hangs, and is ended at once. */
  onTired(why: Tired): void;
  /** It is ended on the user's own account; the word for the counter. */
  onDoomed(why: string): void;
  /** It is gone, and its last words are still read: nobody is to send it anything. May be left out. */
  onGone(): void;
  /** Once, when it is gone and has said all; also when the system would not start it. */
  onEnd(end: MemberEnd): void;
};

/** What every member is at first. `performance.now()` is the time of all of them. */
export function newcomer(): Pick<Member, 'state' | 'since' | 'hasServed' | 'inFlight' | 'tired'> {
  return {
    state: 'starting',
    since: performance.now(),
    hasServed: false,
    // Not known, which is as many as there may be.
    inFlight: Number.POSITIVE_INFINITY,
    tired: undefined,
  };
}
