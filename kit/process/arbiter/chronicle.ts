/** What became of the members of a group so far: who was ended and why, who fell, how often in a row none came up. */
import type { Log } from '../log.ts';
import { isFall, reasonOf } from './ending.ts';
import type { Member, MemberEnd, Seat } from './member.ts';
import { isHeld, isHopeless, rareMs } from './plan.ts';
import { Restarts } from './restarts.ts';

type Life = { readonly bornAt: number; doom?: string };

/** What an end means. `delayMs`: how long the place stays empty, of one that fell. */
export type Ended = { readonly reason: string; readonly livedMs: number; readonly delayMs: number | undefined };

export class Chronicle {
  readonly #log: Log;
  readonly #lives = new Map<number, Life>();
  readonly restarts = new Restarts();
  /** Of the code as it is now. */
  generation = 1;
  failedBoots = 0;
  lastFall = 0;
  lastEnd: { readonly worker: number; readonly why: string } | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** There is other code. */
  reloaded(): number {
    this.generation += 1;
    this.failedBoots = 0;
    this.restarts.forgive();
    return this.generation;
  }

  born({ id }: Seat): void {
    this.#lives.set(id, { bornAt: performance.now() });
  }

  livedMs({ id }: Seat): number {
    return performance.now() - (this.#lives.get(id)?.bornAt ?? 0);
  }

  /** The first reason is the one that counts. */
  doom(id: number, why: string): void {
    const life = this.#lives.get(id);
    if (life) life.doom ??= why;
  }

  served({ generation }: Seat): void {
    if (generation === this.generation) this.failedBoots = 0;
  }

  ended(member: Member, end: MemberEnd, wanted: number): Ended {
    const livedMs = this.livedMs(member);
    const doom = this.#lives.get(member.id)?.doom;
    const reason = reasonOf(doom, end.code);
    this.#lives.delete(member.id);
    const why = doom === 'startup-timeout' ? `it was not ready in time: ${end.why}` : end.why;
    this.lastEnd = { worker: member.place, why };
    this.restarts.count(reason);
    if (!isFall(doom)) return { reason, livedMs, delayMs: undefined };
    if (!member.hasServed) return { reason, livedMs, delayMs: this.failedBoot(member, livedMs, wanted) };
    return { reason, livedMs, delayMs: this.restarts.fell(member.place, livedMs, performance.now()) };
  }

  /** The system would not start one; how long its place stays empty, milliseconds. */
  couldNotStart(seat: Seat, why: string, wanted: number): number {
    this.#lives.delete(seat.id);
    this.lastEnd = { worker: seat.place, why };
    return this.failedBoot(seat, 0, wanted);
  }

  /** One did not come up; how long its place stays empty, milliseconds. */
  failedBoot({ generation, place }: Seat, livedMs: number, wanted: number): number {
    const now = performance.now();
    const wasHopeless = isHopeless({ failedBoots: this.failedBoots, wanted });
    if (generation === this.generation) this.failedBoots += 1;
    this.lastFall = now;
    const { failedBoots } = this;
    if (!wasHopeless && isHopeless({ failedBoots, wanted })) {
      this.#log.error({ failedBoots }, `hopeless: none comes up; one is tried each ${rareMs}ms`);
    }
    return this.restarts.fell(place, livedMs, now);
  }

  stats(wanted: number) {
    const { generation, failedBoots, lastEnd = null } = this;
    const [isRefused, hasNoHope] = [isHeld({ failedBoots }), isHopeless({ failedBoots, wanted })];
    return { generation, wanted, isRefused, isHopeless: hasNoHope, ends: this.restarts.byReason, lastEnd };
  }
}

/** Says how one ended. `record` is what whoever made it knows of it. */
export function sayEnd(
  log: Log,
  name: string,
  member: Member,
  ended: Ended & { end: MemberEnd; record: object },
): void {
  const { end, reason, delayMs, livedMs, record } = ended;
  const { place: worker, pid: workerPid, generation } = member;
  const { code, signal, why } = end;
  const told = { worker, workerPid, generation, why: reason, code, signal, livedMs: Math.round(livedMs), ...record };
  if (delayMs !== undefined) {
    const level = reason === 'exited' ? 'info' : 'error';
    return log[level]({ ...told, delayMs }, `${name} ended by ${why}; another is started in ${delayMs}ms`);
  }
  if (reason === 'timeout') return log.error(told, `${name} hung, and ended by ${why}; another has its place`);
  if (code === 0) return log.info(told, `${name} was replaced`);
  log.warn(told, `${name} was replaced, and ended by ${why}`);
}
