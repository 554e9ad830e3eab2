/** One endpoint of an upstream, a Unix socket or an IP address: its connections, its queue, its condition. */
import { isDeepStrictEqual } from 'node:util';
import type { Pool } from 'undici';
import { type Address, formatAddress } from '../process/units.ts';
import { Fault } from '../semantics/fault.ts';
import { type Candidate, type Standing, seedOf } from './balance.ts';
import { Condition, type ProbeReport } from './condition.ts';
import type { HealthChange, Settings } from './options.ts';
import { isSamePool, openPool } from './pool.ts';
import { Prober } from './prober.ts';
import { Queue } from './queue.ts';
import type { Resolver } from './resolver.ts';

/** Whence a member comes. */
export type Origin = {
  /** As configured. */
  readonly address: Address;
  /** What is connected to; the same as `address` unless that is a name. */
  readonly endpoint: Address;
  /** Of the name. */
  readonly resolver: Resolver | undefined;
};

/** A member as numbers, for statistics and metrics. Times are milliseconds. */
export type MemberStats = {
  /** As configured. */
  readonly address: string;
  /** Where the name leads; absent where the address is none. */
  readonly endpoint?: string;
  /** Since the name's addresses were found. */
  readonly dnsAgeMs?: number;
  readonly inFlight: number;
  readonly waiting: number;
  readonly connections: number;
  /** `leaving`: its address is gone, and it finishes what it has. `unresolved`: a name without an address. */
  readonly standing: Standing | 'leaving' | 'unresolved';
  readonly failures: number;
  readonly ejectedForMs: number;
  readonly probe?: ProbeReport;
};

export class Member implements Candidate {
  readonly address: Address;
  readonly endpoint: Address;
  readonly seed: number;
  readonly resolver: Resolver | undefined;
  readonly queue: Queue;
  readonly condition: Condition;
  #settings: Settings;
  #pool: Pool;
  #prober: Prober | undefined;
  #isRetired = false;
  #onGone: (() => void) | undefined;
  /** Pools that were replaced, until their last request is over. */
  readonly #leaving = new Set<Pool>();

  constructor({ address, endpoint, resolver }: Origin, settings: Settings) {
    this.address = address;
    this.endpoint = endpoint;
    this.resolver = resolver;
    this.seed = seedOf(formatAddress(endpoint));
    this.#settings = settings;
    this.queue = new Queue(`${settings.name} at ${formatAddress(address)}`, settings);
    this.condition = new Condition(settings, (verdict, why) => this.#tell(verdict, why));
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

  get standing(): Standing {
    if (this.condition.isSick) return 'sick';
    const { room } = this.queue;
    return room !== 'full' && this.condition.isEjected() ? 'ejected' : room;
  }

  /** Other settings. Connections, health and what is in flight stay as far as they can. */
  change(settings: Settings): void {
    const before = this.#settings;
    this.#settings = settings;
    this.queue.change(settings);
    if (!isSamePool(before, settings)) {
      this.#partFrom(this.#pool);
      this.#pool = openPool(this.endpoint, settings);
    }
    if (this.condition.change(settings)) this.#wake();
    if (isDeepStrictEqual(before.probe, settings.probe)) return;
    this.#prober?.[Symbol.dispose]();
    this.#prober = this.#probe();
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
      standing: this.#isRetired ? 'leaving' : this.standing,
      failures: this.condition.failures,
      ejectedForMs: Math.round(this.condition.ejectedForMs(now)),
      ...(probe ? { probe } : {}),
    };
  }

  #probe(): Prober | undefined {
    const { probe, timer, random } = this.#settings;
    if (probe === undefined) return undefined;
    const { endpoint, address } = this;
    const onOutcome = (outcome: Parameters<Condition['probed']>[0]) => {
      // Another member may have a place, and else a stale answer may stand in: not in an hour, now.
      if (this.condition.probed(outcome)) this.#wake();
      if (!outcome.isGood) this.resolver?.urge();
    };
    return new Prober({ endpoint, address, rule: probe, timer, random, onOutcome });
  }

  #wake(): void {
    const { name } = this.#settings;
    this.queue.empty(new Fault('unavailable', `${name} at ${formatAddress(this.address)} went sick`));
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
