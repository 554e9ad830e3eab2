import assert from 'node:assert/strict';
import { addBan } from '../machine/banner.ts';
import type { LurkerPace } from '../machine/lurker.ts';
import { type Ban, parseBan } from '../policy/ban-expression.ts';
import type { Stand } from './stand.ts';

/** A ban from its expression, which must be right. */
export function banOf(expression: string): Ban {
  const reading = parseBan(expression);
  assert.ok(reading.verdict === 'ban', JSON.stringify(reading));
  return reading.ban;
}

/** Gives a ban. */
export function ban({ edge }: Stand, expression: string) {
  const addition = addBan(edge, banOf(expression));
  assert.ok(addition.verdict === 'added');
  return addition;
}

/** A pace that the test sets: what waits runs when it is told to, and so much work is a slice. */
export class ManualPace implements LurkerPace {
  #waiting: { readonly run: () => void; readonly ms: number } | undefined;
  #reading = 0;
  /** What the stopwatch goes on by whenever it is read; milliseconds. */
  stepMs = 0;

  after(ms: number, run: () => void) {
    const mine = { run, ms };
    assert.equal(this.#waiting, undefined, 'it waits for one thing at a time');
    this.#waiting = mine;
    return {
      callOff: () => {
        if (this.#waiting === mine) this.#waiting = undefined;
      },
    };
  }

  readonly stopwatch = (): number => {
    this.#reading += this.stepMs;
    return this.#reading;
  };

  /** How long it waits; undefined when it sleeps until it is woken. Milliseconds. */
  get waitsMs(): number | undefined {
    return this.#waiting?.ms;
  }

  /** Lets the next slice run; false when nothing waits. */
  go(): boolean {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.run();
    return waiting !== undefined;
  }

  /** Lets it run until it sleeps or waits for long; says how many slices that took. */
  goOn(): number {
    let slices = 0;
    while (this.waitsMs !== undefined && this.waitsMs <= 10 && this.go()) slices += 1;
    return slices;
  }
}
