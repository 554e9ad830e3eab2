import type { PlanLimits } from '@trivet/kit/process/arbiter/plan.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import type { DaemonProgram } from './daemon-process.ts';

/** The processes of an app that a front runs. */
export type DaemonsOptions = {
  readonly count: number;
  /** How long one may hang before it is killed, milliseconds; 0: for ever. */
  readonly timeoutMs: number;
  readonly limits: PlanLimits;
  readonly program: DaemonProgram;
  /** A private folder for their sockets. */
  readonly folder: string;
  readonly log: Log;
};
