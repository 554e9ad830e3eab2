/** One endpoint of an upstream, a Unix socket or an IP address: its connections, its queue, its condition. */
import { isDeepStrictEqual } from 'node:util';
import type { Pool } from 'undici';
import { type Address, formatAddress } from '../process/units.ts';
import { Fault } from '../semantics/fault.ts';
import type { Candidate, Standing } from './balance.ts';
import { Condition } from './condition.ts';
import { type MemberStats, toldOf } from './member-stats.ts';
import { Merit } from './merit.ts';
import { type AddressRule, type HealthChange, type Settings, settingsAt } from './options.ts';
import { type Peak, peakAt } from './peak-ewma.ts';
import { isSamePool, openPool } from './pool.ts';
import { Prober } from './prober.ts';
import { Queue } from './queue.ts';
import { seedOf } from './rendezvous.ts';
import type { Resolver } from './resolver.ts';
import type { Turn } from './smooth.ts';
import { stickyId } from './sticky.ts';

/** Whence a member comes. */
export type Origin = {
  /** As configured. */
  readonly rule: AddressRule;
  /** What is connected to; the same as `address` unless that is a name. */
  readonly endpoint: Address;
  /** Of the name. */
  readonly resolver: Resolver | undefined;
  /** Did it come to an upstream that was there already? */
  readonly isAdded: boolean;
};

export class Member implements Candidate {
  readonly address: Address;
  readonly endpoint: Address;
  readonly seed: number;
  readonly id: string;
  readonly resolver: Resolver | undefined;
  readonly queue: Queue;
  readonly condition: Condition;
  readonly merit: Merit;
  readonly #isAdded: boolean;
  #rule: AddressRule;
  /** With what the address has of its own. */
  #settings: Settings;
  #pool: Pool;
  #prober: Prober | undefined;
  #isRetired = false;
  #onGone: (() => void) | undefined;
  /** Pools that were replaced, until their last request is over. */
  readonly #leaving = new Set<Pool>();

  constructor({ rule, endpoint, resolver, isAdded }: Origin, upstream: Settings) {
    const settings = settingsAt(rule, upstream);
    this.address = rule;
    this.endpoint = endpoint;
    this.resolver = resolver;
    this.seed = seedOf(formatAddress(endpoint));
    this.id = stickyId(endpoint);
    this.#isAdded = isAdded;
    this.#rule = rule;
    this.#settings = settings;
    this.merit = new Merit(rule, settings);
    if (isAdded) this.merit.rise();
    this.queue = new Queue(`${settings.name} at ${formatAddress(rule)}`, settings);
    this.condition = new Condition(settings, {
      tell: (verdict, why) => this.#tell(verdict, why),
      returned: (isFirst) => this.#returned(isFirst),
    });
    this.#pool = openPool(endpoint, settings);
    this.#prober = this.#probe();
  }

  get pool(): Pool {
    return this.#pool;
  }

  /** Requests that were sent or wait for a connection. */
  get inFlight(): number {
    return this.queue.admitted + this.queue.waiting;
  }

  /** Is it no longer part of the upstream? */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** Is it not to be asked, for the time being? */
  get isDown(): boolean {
    return this.#rule.down === true;
  }

  get isBackup(): boolean {
    return this.#rule.backup === true;
  }

  get weight(): number {
    return this.merit.weight;
  }

  get share(): number {
    return this.merit.share;
  }

  get turn(): Turn {
    return this.merit.turn;
  }

  get peak(): Peak | undefined {
    return this.merit.peak;
  }

  get standing(): Standing {
    if (this.condition.isSick) return 'sick';
    const { room } = this.queue;
    return room !== 'full' && this.condition.isEjected() ? 'ejected' : room;
  }

  /** Other settings. Connections, health and what is in flight stay as far as they can. */
  change(rule: AddressRule, upstream: Settings): void {
    const settings = settingsAt(rule, upstream);
    const before = this.#settings;
    const wasDown = this.isDown;
    this.#rule = rule;
    this.#settings = settings;
    this.merit.change(rule, settings);
    if (wasDown && !this.isDown) this.merit.rise();
    this.queue.change(settings);
    if (!isSamePool(before, settings)) {
      this.#partFrom(this.#pool);
      this.#pool = openPool(this.endpoint, settings);
    }
    if (this.condition.change(settings)) this.#sendAway('went sick');
    if (wasDown === this.isDown && isDeepStrictEqual(before.probe, settings.probe)) return;
    this.#prober?.[Symbol.dispose]();
    this.#prober = this.#probe();
  }

  /** It is down: what is in flight finishes, who waits goes elsewhere. */
  rest(): void {
    this.#sendAway('was taken down');
  }

  /** Its address is gone: what is in flight finishes, who waits goes elsewhere, idle connections close. */
  retire(onGone: () => void): void {
    this.#isRetired = true;
    this.#onGone = onGone;
    this.#prober?.[Symbol.dispose]();
    this.#partFrom(this.#pool);
    const { name } = this.#settings;
    this.queue.close(new Fault('unavailable', `${name} is no longer at ${formatAddress(this.address)}`));
  }

  /** Ends everything at once. */
  async destroy(): Promise<void> {
    this.#prober?.[Symbol.dispose]();
    this.queue[Symbol.dispose]();
    await Promise.all([this.#pool, ...this.#leaving].map((pool) => pool.destroy()));
  }

  stats(now: number): MemberStats {
    const probe = this.condition.report(now);
    const dnsAgeMs = this.resolver?.ageMs(now);
    return {
      address: formatAddress(this.address),
      ...(this.resolver ? { endpoint: formatAddress(this.endpoint) } : {}),
      ...(dnsAgeMs === undefined ? {} : { dnsAgeMs }),
      inFlight: this.inFlight,
      waiting: this.queue.waiting,
      connections: this.#pool.stats.connected,
      standing: this.#shown(),
      failures: this.condition.failures,
      ejectedForMs: Math.round(this.condition.ejectedForMs(now)),
      ...(probe ? { probe } : {}),
      ...toldOf(this.#rule),
      ...(this.peak ? { ewmaMs: Math.round(10 * peakAt(this.peak, now)) / 10 } : {}),
    };
  }

  #shown(): MemberStats['standing'] {
    if (this.#isRetired) return 'leaving';
    return this.isDown ? 'down' : this.standing;
  }

  #returned(isFirst: boolean): void {
    // All that were there from the start have their first probe then: nobody has more to give than the others.
    if (!isFirst || this.#isAdded) this.merit.rise();
  }

  #probe(): Prober | undefined {
    const { probe, timer, random } = this.#settings;
    if (probe === undefined || this.isDown) return undefined;
    const { endpoint, address } = this;
    const onOutcome = (outcome: Parameters<Condition['probed']>[0]) => {
      // Another member may have a place, and else a stale answer may stand in: not in an hour, now.
      if (this.condition.probed(outcome)) this.#sendAway('went sick');
      if (!outcome.isGood) this.resolver?.urge();
    };
    return new Prober({ endpoint, address, rule: probe, timer, random, onOutcome });
  }

  /** Who waits goes elsewhere. */
  #sendAway(why: string): void {
    const { name } = this.#settings;
    this.queue.empty(new Fault('unavailable', `${name} at ${formatAddress(this.address)} ${why}`));
  }

  #tell(verdict: HealthChange['verdict'], why: string): void {
    const [address, endpoint] = [formatAddress(this.address), formatAddress(this.endpoint)];
    this.#settings.onHealth({ verdict, address, endpoint, why });
  }

  /** Closes a pool behind its last request. */
  #partFrom(pool: Pool): void {
    this.#leaving.add(pool);
    pool.close(() => {
      this.#leaving.delete(pool);
      if (this.#leaving.size === 0) this.#onGone?.();
    });
  }
}
