import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '@trivet/kit/process/log.ts';
import type { Serving } from './places.ts';

/** Those who send requests to the app: this process, or the workers of the front. */
export type Senders = {
  /** Resolves once nobody sends a request to a socket that is not listed. */
  take(serving: Serving): void | Promise<void>;
  /** Requests that are on their way to a socket that is not listed any more. */
  inFlight(socket: string): number | Promise<number>;
};

const askAgainMs = 50;

/** Tells the senders who serves, each time that it is somebody else, and knows when they have heard it. */
export class Announcer {
  readonly #log: Log;
  #senders: Senders | undefined;
  #told = '';
  #taken: Promise<void> = Promise.resolve();

  constructor(log: Log) {
    this.#log = log;
  }

  follow(senders: Senders, serving: Serving): void {
    this.#senders = senders;
    this.#told = '';
    this.tell(serving);
  }

  tell(serving: Serving): void {
    const senders = this.#senders;
    const told = JSON.stringify(serving);
    if (senders === undefined || told === this.#told) return;
    this.#told = told;
    this.#taken = this.#take(senders, serving);
  }

  /** Resolves once nobody sends anything to a socket that is not listed any more and all of that is answered. */
  async idle(socket: string, isAwaited: () => boolean): Promise<void> {
    await this.#taken;
    while (isAwaited() && (await this.#inFlightTo(socket)) > 0) await wait(askAgainMs);
  }

  /** Infinitely many where it is not known. */
  async #inFlightTo(socket: string): Promise<number> {
    try {
      return (await this.#senders?.inFlight(socket)) ?? 0;
    } catch (error) {
      this.#log.warn({ err: error }, 'it is not known what an old process of the app has in flight');
      return Number.POSITIVE_INFINITY;
    }
  }

  async #take(senders: Senders, serving: Serving): Promise<void> {
    try {
      await senders.take(serving);
    } catch (error) {
      this.#log.error({ err: error }, 'who sends requests to the app could not be told where it is now');
    }
  }
}
