import { Fault } from '@trivet/kit/semantics/fault.ts';
import { mayStandIn } from '../policy/arrival.ts';
import type { Entry } from '../store/store.ts';
import type { Landing } from './asker.ts';

/** A fetch that brought nothing: a fault, or an error status that is not passed on. */
export type Failure = Fault | number;

export function faultOf(why: Failure): Fault {
  return typeof why === 'number' ? new Fault('bad-response', `the origin answered ${why}`) : why;
}

/** What those who wait get: what is stored if it may stand in, else they all share the one fault. */
export function landingOn(why: Failure, entry: Entry | undefined, now: number): Landing {
  const fault = faultOf(why);
  const isStandIn = entry !== undefined && fault.blame === 'upstream' && mayStandIn(entry.life, now);
  return isStandIn ? { is: 'stale', entry, failure: why } : { is: 'fault', fault };
}
