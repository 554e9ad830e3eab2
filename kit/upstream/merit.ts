/** What one member deserves to be given: its weight, less while it starts slowly, whose turn it is, how fast it was. */
import type { AddressRule, Settings } from './options.ts';
import { afterAnswer, afterNoAnswer, type Peak } from './peak-ewma.ts';
import { slowShare } from './slow-start.ts';
import { afterFail, firstTurn, type Turn } from './smooth.ts';

type World = Pick<Settings, 'balance' | 'slowStartMs' | 'ejection' | 'clock'>;

export class Merit {
  #weight: number;
  #world: World;
  #turn: Turn = firstTurn;
  #peak: Peak | undefined;
  /** Since when it has been starting slowly. */
  #risingSince: number | undefined;

  constructor({ weight = 1 }: AddressRule, world: World) {
    this.#weight = weight;
    this.#world = world;
  }

  get weight(): number {
    return this.#weight;
  }

  /** The weight as it is now. */
  get share(): number {
    if (this.#risingSince === undefined) return this.#weight;
    const { slowStartMs, clock } = this.#world;
    const sinceMs = clock() - this.#risingSince;
    if (sinceMs >= slowStartMs) this.#risingSince = undefined;
    return slowShare(this.#weight, sinceMs, slowStartMs);
  }

  get turn(): Turn {
    return this.#turn;
  }

  /** How long its answers take to begin; undefined: it gave none, or the balance does not look at it. */
  get peak(): Peak | undefined {
    return this.#world.balance === 'peak-ewma' ? this.#peak : undefined;
  }

  change({ weight = 1 }: AddressRule, world: World): void {
    this.#weight = weight;
    this.#world = world;
  }

  /** A turn was given, to it or to another beside it. */
  took(turn: Turn): void {
    this.#turn = turn;
  }

  /** The turns begin anew: what was saved up for other weights could be a long wait. */
  forgetTurns(): void {
    this.#turn = { ...this.#turn, current: firstTurn.current };
  }

  /** It came, or came back. */
  rise(): void {
    if (this.#world.slowStartMs > 0) this.#risingSince = this.#world.clock();
  }

  /** A request is sent; for `answered` and `failed`. Undefined where nobody looks at how long it takes. */
  asked(): number | undefined {
    return this.#world.balance === 'peak-ewma' ? this.#world.clock() : undefined;
  }

  /** It began to answer. */
  answered(askedAt: number | undefined): void {
    const now = this.asked();
    if (now !== undefined && askedAt !== undefined) this.#peak = afterAnswer(this.#peak, now - askedAt, now);
  }

  /** It failed a request; `askedAt` if it had not begun to answer. */
  failed(askedAt: number | undefined): void {
    this.#turn = afterFail(this.#turn, this.#weight, this.#world.ejection.maxFails);
    const now = this.asked();
    if (now !== undefined && askedAt !== undefined) this.#peak = afterNoAnswer(this.#peak, now - askedAt, now);
  }
}
