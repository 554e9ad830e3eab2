/** What a tier adds to the admin API of several workers, and what it is given for it. */
import type { Express } from 'express';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Crew } from './crew.ts';
import type { Rules } from './merge.ts';

/** For the primary process of a tier. */
export type OfMany<C> = {
  /** As it was set: budgets are those of the whole tier. */
  readonly config: C;
  readonly crew: Crew;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Closed behind the last worker, or when starting fails. */
  readonly own: AsyncDisposableStack;
  /** Writes a line of JSON of another process into the log. */
  relay(line: string): void;
};

export type ForMany = {
  /** How the tier's part of `/stats` is made from those of the workers. */
  readonly stats?: Rules;
  /** The part of `/stats` that the primary counts itself. */
  ownStats?(): object;
  adminRoutes?(app: Express): void;
  /** At SIGHUP, before the workers are told to reload. */
  reload?(): void;
};
