/**
 * The gateway to Python workers: from requests that the listener accepted to a slot, and back. A request is here to its last
 * byte before it gets one, so that no client's slowness occupies a worker; `buffering: false` asks at the head.
 */
import type { ServerResponse } from 'node:http';
import { type BodyPlaces, refuseTooLarge, takeBody } from '@trivet/kit/http1/body/intake.ts';
import { Room } from '@trivet/kit/http1/body/room.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { discardRest } from '../gateway/discard-rest.ts';
import { DroppedNames } from '../gateway/dropped-names.ts';
import { type ServerFacts, type Variables, variablesOf } from '../gateway/environ.ts';
import type { ClientOutlet } from '../gateway/outlet.ts';
import { ResponseOutlet } from '../gateway/response-outlet.ts';
import { answerServerWide } from '../gateway/server-wide.ts';
import { Deadlines } from './deadlines.ts';
import type { Dispatcher } from './dispatcher.ts';
import { type Asked, Exchange, type ExchangeShare } from './exchange.ts';

export type PythonGatewayOptions = {
  readonly dispatcher: Dispatcher;
  readonly server: ServerFacts;
  /** Deadline of each request from when it is here, milliseconds; 0 is none. */
  readonly requestTimeoutMs: number;
  readonly serverTiming: boolean;
  /** Is a request's body here to its end before a worker is asked? */
  readonly requestBuffering: boolean;
  /** Longest body, bytes; 0 is without a limit. */
  readonly bodyLimit: number;
  /** Where bodies wait. */
  readonly places: BodyPlaces;
  readonly log: Log;
};

type WithBody = Omit<Asked, 'body'> & {
  readonly response: ServerResponse;
  readonly source: NonNullable<Inbound['body']>;
};

/** What all answers may have in memory while their clients do not take them, beyond the least of each. */
const answersMemory = 64 * 1024 * 1024;

export class PythonGateway {
  readonly #options: PythonGatewayOptions;
  readonly #share: ExchangeShare;
  readonly #droppedNames: DroppedNames;
  readonly #bodyLimit: number;
  #requests = 0;

  constructor(options: PythonGatewayOptions) {
    const { bodyLimit, log, dispatcher, requestTimeoutMs } = options;
    this.#options = options;
    this.#share = { dispatcher, deadlines: deadlinesOf(requestTimeoutMs), answersRoom: new Room(answersMemory), log };
    this.#droppedNames = new DroppedNames(log);
    this.#bodyLimit = bodyLimit === 0 ? Number.POSITIVE_INFINITY : bodyLimit;
  }

  /** Requests so far, finished or not. */
  get requests(): number {
    return this.#requests;
  }

  /** Answers one request. What is wrong with it is thrown as a fault, or rejected with. */
  handle(inbound: Inbound, response: ServerResponse): void | Promise<void> {
    this.#requests += 1;
    if (inbound.target === '*') return answerServerWide(inbound, response, this.#options.serverTiming);
    const outlet = new ResponseOutlet(inbound, response, this.#options.serverTiming);
    const variables = this.#variables(inbound);
    if (inbound.body === undefined) {
      return new Exchange(this.#share, { inbound, outlet, variables, body: undefined }).begin();
    }
    refuseTooLarge(inbound.bodyLength, this.#bodyLimit);
    return this.#withBody({ inbound, outlet, variables, response, source: inbound.body });
  }

  /**
   * Begins to answer a plain request (GET or HEAD without a body). False: there is something wrong with it, and nothing was
   * done.
   */
  serve(inbound: Inbound, outlet: ClientOutlet): boolean {
    const made = variablesOf(inbound, this.#options.server);
    if (made.verdict !== 'environ') return false;
    this.#requests += 1;
    if (made.dropped.length > 0) this.#droppedNames.note(made.dropped);
    new Exchange(this.#share, { inbound, outlet, variables: made.environ, body: undefined }).begin();
    return true;
  }

  async #withBody({ source, response, ...asked }: WithBody): Promise<void> {
    const { requestBuffering, places } = this.#options;
    const limit = this.#bodyLimit;
    if (!requestBuffering) {
      discardRest(source, response);
      return await this.#ask({ ...asked, body: { kind: 'coming', source, limit } });
    }
    await using taken = await takeBody({ source, response, limit, places });
    await this.#ask({ ...asked, body: { kind: 'here', body: taken.body } });
  }

  #ask(asked: Asked): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    new Exchange(this.#share, asked, resolve).begin();
    return promise;
  }

  #variables(inbound: Inbound): Variables {
    const { server } = this.#options;
    const made = variablesOf(inbound, server);
    switch (made.verdict) {
      case 'elsewhere':
        throw new Fault('not-found', `the application is mounted at ${server.mount}`);
      case 'bad':
        throw new Fault('bad-request', made.why);
      case 'environ':
        this.#droppedNames.note(made.dropped);
        return made.environ;
    }
  }
}

function deadlinesOf(mostMs: number): Deadlines<Exchange> | undefined {
  if (mostMs === 0) return undefined;
  const timer = (callback: () => void, ms: number) => setTimeout(callback, ms).unref();
  return new Deadlines({ mostMs, clock: () => performance.now(), timer });
}
