/** One endpoint of an upstream, a Unix socket or an IP address: its connections and its condition. */
import { isDeepStrictEqual } from 'node:util';
import type { Pool } from 'undici';
import { type Address, formatAddress } from '../process/units.ts';
import type { Candidate, Standing } from './balance.ts';
import { Condition } from './condition.ts';
import { type MemberStats, toldOf } from './member-stats.ts';
import { Merit } from './merit.ts';
import { type AddressRule, type HealthChange, type Settings, settingsAt } from './options.ts';
import { type Peak, peakAt } from './peak-ewma.ts';
import { isSamePool, openPool } from './pool.ts';
import { Prober } from './prober.ts';
import { seedOf } from './rendezvous.ts';
import type { Resolver } from './resolver.ts';
import { Slots } from './slots.ts';
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

/** Whom a member belongs to. */
export type Company = {
  /** May one more request wait for a connection? */
  readonly hasRoom: boolean;
  /** A connection came free. */
  freed(): void;
  /** It went sick, or is well again. */
  turned(): void;
};

export class Member implements Candidate {
  readonly address: Address;
  readonly endpoint: Address;
  readonly seed: number;
  readonly id: string;
  readonly resolver: Resolver | undefined;
  readonly slots: Slots;
  readonly condition: Condition;
  readonly merit: Merit;
  readonly #company: Company;
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

  constructor({ rule, endpoint, resolver, isAdded }: Origin, upstream: Settings, company: Company) {
    const settings = settingsAt(rule, upstream);
    this.address = rule;
    this.endpoint = endpoint;
    this.resolver = resolver;
    this.seed = seedOf(formatAddress(endpoint));
    this.id = stickyId(endpoint);
    this.#company = company;
    this.#isAdded = isAdded;
    this.#rule = rule;
    this.#settings = settings;
    this.merit = new Merit(rule, settings);
    if (isAdded) this.merit.rise();
    this.slots = new Slots(settings.connections, () => company.freed());
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

  get inFlight(): number {
    return this.slots.taken;
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
    return this.standingOf(this.#company.hasRoom ? 'busy' : 'full');
  }

  /** `ifTaken` is what it is when all its connections are in use. */
  standingOf(ifTaken: 'busy' | 'full'): Standing {
    if (this.condition.isSick) return 'sick';
    const { isFree } = this.slots;
    if (!isFree && ifTaken === 'full') return 'full';
    if (this.condition.isEjected()) return isFree ? 'ejected' : 'ejected-busy';
    return isFree ? 'free' : 'busy';
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
    this.slots.change(settings.connections);
    if (!isSamePool(before, settings)) {
      this.#partFrom(this.#pool);
      this.#pool = openPool(this.endpoint, settings);
    }
    this.condition.change(settings);
    if (wasDown === this.isDown && isDeepStrictEqual(before.probe, settings.probe)) return;
    this.#prober?.[Symbol.dispose]();
    this.#prober = this.#probe();
  }

  /** Its address is gone: what is in flight finishes, idle connections close. */
  retire(onGone: () => void): void {
    this.#isRetired = true;
    this.#onGone = onGone;
    this.slots[Symbol.dispose]();
    this.#prober?.[Symbol.dispose]();
    this.#partFrom(this.#pool);
  }

  /** Ends everything at once. */
  async destroy(): Promise<void> {
    this.slots[Symbol.dispose]();
    this.#prober?.[Symbol.dispose]();
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
    if (this.isDown) return 'down';
    const { standing } = this;
    return standing === 'ejected-busy' ? 'ejected' : standing;
  }

  #returned(isFirst: boolean): void {
    // All that were there from the start have their first probe then: nobody has more to give than the others.
    if (!isFirst || this.#isAdded) this.merit.rise();
    this.#company.turned();
  }

  #probe(): Prober | undefined {
    const { probe, timer, random } = this.#settings;
    if (probe === undefined || this.isDown) return undefined;
    const { endpoint, address } = this;
    const onOutcome = (outcome: Parameters<Condition['probed']>[0]) => {
      // Who waits may have nobody left, and a stale answer may stand in: not in an hour, now.
      if (this.condition.probed(outcome)) this.#company.turned();
      if (!outcome.isGood) this.resolver?.urge();
    };
    return new Prober({ endpoint, address, rule: probe, timer, random, onOutcome });
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
