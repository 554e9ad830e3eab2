import type { Fault } from '@trivet/kit/semantics/fault.ts';

/**
 * What ends an exchange before its time: the client left, or a deadline passed. Whoever waits for the application or for
 * the client waits through this. A waiter that got its answer is forgotten: racing every block of an endless answer against
 * one long-lived promise would keep a reaction for each.
 */
export class Interruption {
  readonly #controller = new AbortController();
  #cause: Fault | undefined;
  readonly #waiters = new Set<(cause: Fault) => void>();

  /** For the application: aborted with the fault as its reason. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get cause(): Fault | undefined {
    return this.#cause;
  }

  /** The first cause stays. */
  interrupt(cause: Fault): void {
    if (this.#cause) return;
    this.#cause = cause;
    for (const wake of this.#waiters) wake(cause);
    this.#controller.abort(cause);
  }

  /** What the promise gives, or a rejection with the cause of the interruption, whichever comes first. */
  wait<T>(promise: PromiseLike<T>): Promise<T> {
    const { promise: outcome, resolve, reject } = Promise.withResolvers<T>();
    if (this.#cause) reject(this.#cause);
    this.#waiters.add(reject);
    const settle =
      <V>(how: (value: V) => void) =>
      (value: V) => {
        this.#waiters.delete(reject);
        how(value);
      };
    promise.then(settle(resolve), settle(reject));
    return outcome;
  }
}
