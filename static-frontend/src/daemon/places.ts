/** Who serves at which address, for those who send requests; while nobody does, what becomes of a request. Pure. */
import type { AddressRule } from '@trivet/kit/upstream/options.ts';

export type Serving = {
  /** Sockets of those that are ready. */
  readonly ready: readonly string[];
  /** A socket that nobody listens on. */
  readonly nobody: string;
  /** Is somebody expected soon, so that a request had better wait? */
  readonly isExpected: boolean;
};

/**
 * The addresses of the app. `slots` is how many requests each gets at once. With nobody ready, requests wait in the queue
 * if somebody is expected, and else fail at once.
 */
export function addressesOf({ ready, nobody, isExpected }: Serving, slots: number): readonly AddressRule[] {
  if (ready.length > 0) return ready.map((path) => ({ kind: 'unix', path, maxConnections: slots }));
  return [{ kind: 'unix', path: nobody, maxConnections: 0, down: !isExpected }];
}
