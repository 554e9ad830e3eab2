/** Who belongs to an upstream at the moment: its addresses, and what their names resolve to. */
import { isIP } from 'node:net';
import { type Address, formatAddress } from '../process/units.ts';
import { Fault } from '../semantics/fault.ts';
import { rankMembers, type Wish } from './choice.ts';
import { type Company, Member, type Origin } from './member.ts';
import { type MemberStats, unresolved } from './member-stats.ts';
import type { AddressRule, Settings } from './options.ts';
import { type Guest, Placing } from './placing.ts';
import { Resolver } from './resolver.ts';

/** One address as configured, and its members: one, or as many as its name has addresses. */
type Group = { rule: AddressRule; readonly resolver: Resolver | undefined; members: readonly Member[] };

const nobody: readonly Member[] = [];

export class Members {
  #settings: Settings;
  readonly #placing: Placing;
  readonly #company: Company;
  #groups: readonly Group[] = [];
  #resolvers: readonly Resolver[] = [];
  /** Without those that are down. */
  #all: readonly Member[] = nobody;
  /** No longer asked, until their last request is over. */
  readonly #leaving = new Set<Member>();
  #lookUps: Disposable | undefined;
  #isDestroyed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#placing = new Placing(settings);
    this.#company = companyOf(this.#placing, () => this.#tell());
    this.#take(settings, false);
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
    if (!this.#isDestroyed) this.#take(settings, true);
  }

  #take(settings: Settings, isLater: boolean): void {
    const isReweighed = weightsOf(settings.addresses) !== weightsOf(this.#settings.addresses);
    this.#settings = settings;
    const before = [...this.#groups];
    this.#groups = settings.addresses.map((rule) => {
      const at = before.findIndex((group) => isSame(group.rule, rule));
      const [kept] = at < 0 ? [] : before.splice(at, 1);
      if (kept === undefined) return this.#open(rule, isLater);
      return this.#kept(kept, rule);
    });
    this.#gather();
    for (const { resolver, members } of before) {
      resolver?.[Symbol.dispose]();
      for (const member of members) this.#retire(member);
    }
    if (isReweighed) for (const { merit } of this.#all) merit.forgetTurns();
    this.#lookUps?.[Symbol.dispose]();
    this.#keepResolved();
    this.#tell();
  }

  #kept(group: Group, rule: AddressRule): Group {
    group.rule = rule;
    group.resolver?.change(this.#settings);
    for (const member of group.members) member.change(rule, this.#settings);
    return group;
  }

  /**
   * A member for the guest, with one of its connections; or its turn comes later. Undefined: nobody now; a name may be on
   * its way (`lookUpFor`), and `fault` says what is the matter.
   */
  place(guest: Guest): Member | 'waits' | undefined {
    if (this.#resolvers.length > 0) this.#touch();
    return this.#placing.place(guest);
  }

  /** The same, or nobody, at once. */
  placeNow(guest: Guest): Member | undefined {
    return this.#placing.placeNow(guest);
  }

  /** The guest waits no longer. */
  withdraw(guest: Guest): void {
    this.#placing.withdraw(guest);
  }

  /** Requests that wait for a connection, and how many ever did at once. */
  get crowd(): { readonly waiting: number; readonly mostWaiting: number } {
    const { waiting, mostWaiting } = this.#placing;
    return { waiting, mostWaiting };
  }

  /** A look-up under way that may bring somebody to be asked. */
  lookUpFor(failed: Member | undefined): Resolver | undefined {
    if (failed?.resolver?.isAsking) return failed.resolver;
    if (this.#all.length === 0) return this.#resolvers.find(({ isAsking }) => isAsking);
    // One whose name was never looked up to the end may be the one that is well.
    return this.#resolvers.find(({ isAsking, known, error }) => isAsking && known.length === 0 && error === undefined);
  }

  /** Most requests that wait for a name. */
  get most(): number {
    return this.#settings.connections + this.#settings.queue;
  }

  /** Too many are waiting. */
  queueFull(): Fault {
    const { name, queue } = this.#settings;
    const crowd = queue === 0 ? 'none may wait' : `${queue} requests wait, which is the limit`;
    return new Fault('queue-full', `all connections to ${name} are in use, and ${crowd}`);
  }

  /** Why nobody can be asked. */
  fault(): Fault {
    const { name } = this.#settings;
    if (this.#isDestroyed) return new Fault('internal', `${name} is closed`);
    if (this.#all.some(({ standing }) => standing === 'full')) return this.queueFull();
    if (this.#all.length > 0) return new Fault('unavailable', `${name} is sick: its probes fail`);
    if (this.#resolvers.length === 0) return new Fault('unavailable', `${name} is down: none of it is to be asked`);
    const hosts = this.#resolvers.map(({ host }) => host).join(', ');
    return new Fault('dns', `${name} at ${hosts} has no address`, { cause: this.#resolvers[0]?.error });
  }

  /** Where connections of another kind may be opened, the best place first; a name that is not resolved as it is. */
  endpoints(wish: Partial<Wish>): readonly Address[] {
    this.#touch();
    const unknown = this.#groups.filter(({ rule, members }) => members.length === 0 && !rule.down);
    const ranked = rankMembers(this.#all, wish, this.#settings);
    return [...ranked.map(({ endpoint }) => endpoint), ...unknown.map(({ rule }) => rule)];
  }

  stats(): MemberStats[] {
    const now = this.#settings.clock();
    const unknown = this.#groups.filter(({ members }) => members.length === 0);
    return [
      ...[...this.#everybody(), ...this.#leaving].map((member) => member.stats(now)),
      ...unknown.map(({ rule, resolver }) => unresolved(rule, resolver?.waiting ?? 0)),
    ];
  }

  async destroy(): Promise<void> {
    this.#isDestroyed = true;
    this.#lookUps?.[Symbol.dispose]();
    this.#placing.close();
    for (const { resolver } of this.#groups) resolver?.[Symbol.dispose]();
    await Promise.all([...this.#everybody(), ...this.#leaving].map((member) => member.destroy()));
  }

  #touch(): void {
    const now = this.#settings.clock();
    for (const resolver of this.#resolvers) resolver.touch(now);
  }

  #open(rule: AddressRule, isAdded: boolean): Group {
    if (rule.kind === 'unix' || isIP(rule.host) !== 0) {
      const only = new Member({ rule, endpoint: rule, resolver: undefined, isAdded }, this.#settings, this.#company);
      return { rule, resolver: undefined, members: [only] };
    }
    const { port } = rule;
    let isLater = isAdded;
    const resolver: Resolver = new Resolver(rule.host, this.#settings, (hosts) => {
      this.#regroup(group, hosts, { port, isAdded: isLater });
      isLater = true;
    });
    const group: Group = { rule, resolver, members: [] };
    return group;
  }

  /** A name has other addresses now: members that stay are as they were. */
  #regroup(group: Group, hosts: readonly string[], found: { port: number; isAdded: boolean }): void {
    const { rule, resolver, members } = group;
    const { port, isAdded } = found;
    const hostOf = ({ endpoint }: Member) => (endpoint.kind === 'tcp' ? endpoint.host : '');
    const kept = members.filter((member) => hosts.includes(hostOf(member)));
    const known = new Set(kept.map(hostOf));
    const added = hosts
      .filter((host) => !known.has(host))
      .map((host): Origin => ({ rule, endpoint: { kind: 'tcp', host, port }, resolver, isAdded }))
      .map((origin) => new Member(origin, this.#settings, this.#company));
    group.members = [...kept, ...added];
    this.#gather();
    for (const member of members) if (!kept.includes(member)) this.#retire(member);
    this.#tell();
  }

  #gather(): void {
    const asked = this.#groups.filter(({ rule }) => !rule.down);
    this.#all = asked.flatMap(({ members }) => members);
    this.#resolvers = asked.flatMap(({ resolver }) => resolver ?? []);
  }

  /** Who waits may have others to be given to, or nobody. */
  #tell(): void {
    this.#placing.changed(this.#all, this.#settings);
  }

  #everybody(): Member[] {
    return this.#groups.flatMap(({ members }) => members);
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

function companyOf(placing: Placing, turned: () => void): Company {
  return {
    get hasRoom() {
      return placing.hasRoom;
    },
    freed: () => placing.serve(),
    turned,
  };
}

function weightsOf(rules: readonly AddressRule[]): string {
  return rules.map(({ weight = 1 }) => weight).join();
}

function isSame(a: Address, b: Address): boolean {
  return formatAddress(a) === formatAddress(b);
}
