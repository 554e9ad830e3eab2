/** Who belongs to an upstream at the moment: its addresses, what their names resolve to, and who is asked next. */
import { isIP } from 'node:net';
import { type Address, formatAddress } from '../process/units.ts';
import { Fault } from '../semantics/fault.ts';
import { order } from './balance.ts';
import { Member, type MemberStats } from './member.ts';
import type { Settings } from './options.ts';
import { Resolver } from './resolver.ts';

/** One address as configured, and its members: one, or as many as its name has addresses. */
type Group = { readonly address: Address; readonly resolver: Resolver | undefined; members: readonly Member[] };

/** What of a request decides who gets it. */
export type Wish = { readonly target: string; readonly hashKey?: string };

const nobody: readonly Member[] = [];

export class Members {
  #settings: Settings;
  #groups: readonly Group[] = [];
  #resolvers: readonly Resolver[] = [];
  #all: readonly Member[] = nobody;
  /** No longer asked, until their last request is over. */
  readonly #leaving = new Set<Member>();
  #turn = 0;
  #lookUps: Disposable | undefined;
  #isDestroyed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.change(settings);
  }

  get settings(): Settings {
    return this.#settings;
  }

  get all(): readonly Member[] {
    return this.#all;
  }

  /** Is there one that is neither sick nor ejected? A name that was not looked up yet is given the benefit of doubt. */
  get isHealthy(): boolean {
    for (const { condition } of this.#all) if (!condition.isSick && !condition.isEjected()) return true;
    return this.#all.length === 0 && this.#resolvers.some(({ error }) => error === undefined);
  }

  /** Other settings. An address that stays keeps its members, with all that they have and know. */
  change(settings: Settings): void {
    if (this.#isDestroyed) return;
    this.#settings = settings;
    const before = [...this.#groups];
    this.#groups = settings.addresses.map((address) => {
      const at = before.findIndex((group) => isSame(group.address, address));
      const [kept] = at < 0 ? [] : before.splice(at, 1);
      if (kept === undefined) return this.#open(address);
      kept.resolver?.change(settings);
      for (const member of kept.members) member.change(settings);
      return kept;
    });
    this.#resolvers = this.#groups.flatMap(({ resolver }) => resolver ?? []);
    this.#gather();
    // Behind that: who waits there goes to somebody who stays.
    for (const { resolver, members } of before) {
      resolver?.[Symbol.dispose]();
      for (const member of members) this.#retire(member);
    }
    this.#lookUps?.[Symbol.dispose]();
    this.#keepResolved();
  }

  /**
   * The next to be asked, besides those that were. Undefined: nobody now; a name may be on its way (`lookUpFor`), and
   * `fault` says what is the matter.
   */
  next(wish: Wish, tried: readonly Member[]): Member | undefined {
    if (this.#resolvers.length > 0) this.#touch();
    const [only] = this.#all;
    if (only === undefined) return undefined;
    if (this.#all.length > 1) return this.#choose(wish, tried);
    const { standing } = only;
    return standing === 'sick' || standing === 'full' || tried.includes(only) ? undefined : only;
  }

  /** A look-up under way that may bring somebody to be asked. */
  lookUpFor(failed: Member | undefined): Resolver | undefined {
    if (failed?.resolver?.isAsking) return failed.resolver;
    return this.#all.length === 0 ? this.#resolvers.find(({ isAsking }) => isAsking) : undefined;
  }

  /** Most requests that are on their way to one member, or wait for a name. */
  get most(): number {
    return this.#settings.connections + this.#settings.queue;
  }

  /** Too many are waiting. */
  queueFull(): Fault {
    const { name } = this.#settings;
    return new Fault('queue-full', `${this.most} requests to ${name} are in flight or waiting, which is the limit`);
  }

  /** Why nobody can be asked. */
  fault(): Fault {
    const { name } = this.#settings;
    if (this.#all.some(({ standing }) => standing === 'full')) return this.queueFull();
    if (this.#isDestroyed) return new Fault('internal', `${name} is closed`);
    if (this.#all.length > 0) return new Fault('unavailable', `${name} is sick: its probes fail`);
    const hosts = this.#resolvers.map(({ host }) => host).join(', ');
    return new Fault('dns', `${name} at ${hosts} has no address`, { cause: this.#resolvers[0]?.error });
  }

  /** Where connections of another kind may be opened, the best place first; a name that is not resolved as it is. */
  endpoints(): readonly Address[] {
    this.#touch();
    const { balance, random } = this.#settings;
    const ask = { balance: balance === 'hash' ? 'random' : balance, key: '', turn: this.#turn++, random } as const;
    const ranked = order(this.#all, ({ standing }) => (standing === 'full' ? 'busy' : standing), ask);
    const unknown = this.#groups.filter(({ members }) => members.length === 0);
    return [...ranked.map(({ member }) => member.endpoint), ...unknown.map(({ address }) => address)];
  }

  stats(): MemberStats[] {
    const now = this.#settings.clock();
    const unknown = this.#groups.filter(({ members }) => members.length === 0);
    return [
      ...[...this.#all, ...this.#leaving].map((member) => member.stats(now)),
      ...unknown.map(({ address, resolver }) => unresolved(address, resolver?.waiting ?? 0)),
    ];
  }

  async destroy(): Promise<void> {
    this.#isDestroyed = true;
    this.#lookUps?.[Symbol.dispose]();
    for (const resolver of this.#resolvers) resolver[Symbol.dispose]();
    await Promise.all([...this.#all, ...this.#leaving].map((member) => member.destroy()));
  }

  #choose(wish: Wish, tried: readonly Member[]): Member | undefined {
    const { balance, random } = this.#settings;
    // Another try is not another request: whose turn it is stays.
    const turn = tried.length === 0 ? this.#turn++ : this.#turn - 1;
    const ask = { balance, key: wish.hashKey ?? wish.target, turn, random };
    const ranked = order(this.#all, ({ standing }) => standing, ask);
    const chosen = ranked.find(({ member }) => !tried.includes(member))?.member;
    chosen?.condition.chosen();
    return chosen;
  }

  #touch(): void {
    const now = this.#settings.clock();
    for (const resolver of this.#resolvers) resolver.touch(now);
  }

  #open(address: Address): Group {
    if (address.kind === 'unix' || isIP(address.host) !== 0) {
      const only = new Member({ address, endpoint: address, resolver: undefined }, this.#settings);
      return { address, resolver: undefined, members: [only] };
    }
    const resolver: Resolver = new Resolver(address.host, this.#settings, (hosts) => {
      this.#regroup(group, hosts, address.port);
    });
    const group: Group = { address, resolver, members: [] };
    return group;
  }

  /** A name has other addresses now: members that stay are as they were. */
  #regroup(group: Group, hosts: readonly string[], port: number): void {
    const { address, resolver, members } = group;
    const hostOf = ({ endpoint }: Member) => (endpoint.kind === 'tcp' ? endpoint.host : '');
    const kept = members.filter((member) => hosts.includes(hostOf(member)));
    const known = new Set(kept.map(hostOf));
    const added = hosts
      .filter((host) => !known.has(host))
      .map((host) => new Member({ address, endpoint: { kind: 'tcp', host, port }, resolver }, this.#settings));
    group.members = [...kept, ...added];
    this.#gather();
    for (const member of members) if (!kept.includes(member)) this.#retire(member);
  }

  #gather(): void {
    this.#all = this.#groups.flatMap(({ members }) => members);
  }

  #retire(member: Member): void {
    this.#leaving.add(member);
    member.retire(() => this.#leaving.delete(member));
  }

  /** Names whose members are probed are looked up without requests, too: an upstream nobody asks is to turn healthy. */
  #keepResolved(): void {
    const { probe, timer } = this.#settings;
    if (probe === undefined || this.#resolvers.length === 0) return;
    this.#touch();
    this.#lookUps = timer(() => this.#keepResolved(), probe.intervalMs);
  }
}

function unresolved(address: Address, waiting: number): MemberStats {
  const nothing = { inFlight: 0, connections: 0, failures: 0, ejectedForMs: 0 };
  return { address: formatAddress(address), standing: 'unresolved', waiting, ...nothing };
}

function isSame(a: Address, b: Address): boolean {
  return formatAddress(a) === formatAddress(b);
}
