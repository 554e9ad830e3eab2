/** A worker's way to the other workers of its tier, through the primary process. */
import type { Log } from '../log.ts';
import { type FromWorker, isOurs, type Told, type ToWorker } from './messages.ts';

/** The channel to the primary. */
export type Line = {
  send(message: FromWorker): void;
  /** Calls `hear` for each message, from now on. */
  listen(hear: (message: unknown) => void): void;
  /** Calls `tell` once the primary is gone; nothing is heard after that. */
  whenGone(tell: () => void): void;
};

/** Where there is no primary nobody confirms anything: it counts as a worker of this number. */
const unconfirmed: Told = { answers: [], missing: [0] };

/** The primary has a deadline of its own; this one is for a primary that hangs. */
const SILENCE_MS = 5_000;

export class Siblings {
  readonly #line: Line;
  readonly #log: Log;
  readonly #open = new Map<number, (told: Told) => void>();
  #carryOut: ((what: unknown) => unknown) | undefined;
  #last = 0;
  #isAlone = false;

  constructor(line: Line, log: Log) {
    this.#line = line;
    this.#log = log;
    line.listen((message) => isOurs(message) && this.#hear(message as ToWorker));
    line.whenGone(() => this.#alone());
  }

  /** From now on what another worker tells is carried out by this; what it throws is logged, and told. Before listening. */
  join(carryOut: (what: unknown) => unknown): void {
    this.#carryOut = carryOut;
    this.#line.send({ trivet: 'joins' });
  }

  /** Lets all other workers carry something out; resolves when they have, after a deadline, or when the primary is gone. JSON. */
  tell(what: unknown): Promise<Told> {
    if (this.#isAlone) return Promise.resolve(unconfirmed);
    this.#last += 1;
    const id = this.#last;
    const { promise, resolve } = Promise.withResolvers<Told>();
    const timer = setTimeout(() => settle(unconfirmed), SILENCE_MS);
    const settle = (told: Told) => {
      clearTimeout(timer);
      this.#open.delete(id);
      resolve(told);
    };
    this.#open.set(id, settle);
    this.#line.send({ trivet: 'tell', id, what });
    return promise;
  }

  #alone(): void {
    this.#isAlone = true;
    for (const settle of this.#open.values()) settle(unconfirmed);
  }

  #hear(message: ToWorker): void {
    if (message.trivet === 'do') this.#do(message.id, message.what);
    if (message.trivet === 'told') this.#open.get(message.id)?.({ answers: message.answers, missing: message.missing });
  }

  #do(id: number, what: unknown): void {
    try {
      this.#line.send({ trivet: 'done', id, answer: this.#carryOut?.(what) ?? null });
    } catch (error) {
      this.#log.error({ err: error }, 'what another worker told could not be carried out');
      this.#line.send({ trivet: 'undone', id });
    }
  }
}
