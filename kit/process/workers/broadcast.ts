/**
 * Lets every worker carry something out, and knows when all have. A worker that ends meanwhile counts as done: what it
 * held is gone with it. One that joins later is not waited for: what it fetches, it fetches afterwards.
 */
import type { Told, ToWorker } from './messages.ts';

type Send = (message: ToWorker) => void;
type Errand = {
  readonly waiting: Set<number>;
  readonly failed: number[];
  readonly answers: unknown[];
  settle(): void;
};

export class Broadcast {
  readonly #deadlineMs: number;
  readonly #members = new Map<number, Send>();
  readonly #errands = new Map<number, Errand>();
  #last = 0;

  /** `deadlineMs`: after which those that have not confirmed are named instead of waited for. */
  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  join(member: number, send: Send): void {
    this.#members.set(member, send);
  }

  leave(member: number): void {
    this.#members.delete(member);
    for (const errand of this.#errands.values()) this.#strike(errand, member);
  }

  /** Tells all, but `except`; in the same order as everything else that is told, in each of them. */
  tell(what: unknown, except?: number): Promise<Told> {
    this.#last += 1;
    const id = this.#last;
    const { promise, resolve } = Promise.withResolvers<Told>();
    const others = [...this.#members].filter(([member]) => member !== except);
    const waiting = new Set(others.map(([member]) => member));
    const timer = setTimeout(() => errand.settle(), this.#deadlineMs);
    const errand: Errand = {
      waiting,
      failed: [],
      answers: [],
      settle: () => {
        clearTimeout(timer);
        this.#errands.delete(id);
        resolve({ answers: errand.answers, missing: [...errand.failed, ...errand.waiting] });
      },
    };
    this.#errands.set(id, errand);
    for (const [, send] of others) send({ trivet: 'do', id, what });
    if (waiting.size === 0) errand.settle();
    return promise;
  }

  done(member: number, id: number, answer: unknown): void {
    const errand = this.#errands.get(id);
    if (errand === undefined || !errand.waiting.has(member)) return;
    errand.answers.push(answer);
    this.#strike(errand, member);
  }

  /** It tried, and could not. */
  undone(member: number, id: number): void {
    const errand = this.#errands.get(id);
    if (errand === undefined || !errand.waiting.has(member)) return;
    errand.failed.push(member);
    this.#strike(errand, member);
  }

  #strike(errand: Errand, member: number): void {
    if (errand.waiting.delete(member) && errand.waiting.size === 0) errand.settle();
  }
}
