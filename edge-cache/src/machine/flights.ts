import type { Draft, Entry } from '../store/store.ts';
import type { Asker } from './asker.ts';
import { Flight } from './flight.ts';
import type { Crew, FlightOrder } from './flight-order.ts';

/** What is on its way into the store, and must hear of purges. */
export type Withdrawable = Pick<Flight, 'order' | 'withdrawal'>;

/** All fetches on their way, by key. */
export class Flights {
  readonly #crew: Crew;
  // Lists that are emptied in place: the table that a growing Set leaves behind keeps its members alive until the next
  // full collection, and with them all that a fetch had.
  readonly #byKey = new Map<string, Flight[]>();
  /** On their way into the store without having been fetched for it. */
  readonly #others = new Set<Withdrawable>();

  constructor(crew: Crew) {
    this.#crew = crew;
  }

  get size(): number {
    let size = 0;
    for (const flights of this.#byKey.values()) size += flights.length;
    return size;
  }

  /**
   * A fetch that a request may share. `stored` are the selecting fields of what is stored under its key: with them, or
   * with those of a fetch whose head is here, nobody waits for a variant that is not his.
   */
  find(
    { key, lane, part }: Pick<FlightOrder, 'key' | 'lane' | 'part'>,
    asker: Asker,
    stored: readonly string[] | undefined,
  ): Flight | undefined {
    const flights = this.#byKey.get(key);
    if (flights === undefined) return undefined;
    const now = this.#crew.clock();
    let predicted = stored;
    for (const flight of flights) predicted = flight.draft?.vary ?? predicted;
    for (const flight of flights) {
      if (flight.order.lane === lane && flight.part === part && flight.accepts(asker, predicted, now)) return flight;
    }
    return undefined;
  }

  /**
   * Lets a request share a fetch. Where it has to wait for the head it does so until `patienceUntil`, and is then sent
   * to fetch for itself (as with nginx's proxy_cache_lock_timeout). False when too many wait there already.
   */
  join(flight: Flight, asker: Asker, patienceUntil: number): boolean {
    const { coalescing, clock, counters, after } = this.#crew;
    const { followers } = flight;
    if (followers === undefined) {
      flight.join(asker);
      return true;
    }
    if (followers >= coalescing.queue) {
      counters.coalesceQueueFull += 1;
      return false;
    }
    asker.onSettled = after(Math.max(0, patienceUntil - clock()), () => {
      counters.coalesceTimeouts += 1;
      flight.leave(asker, { is: 'again', isAlone: true, why: 'coalesce-wait' });
    });
    flight.join(asker);
    return true;
  }

  isUnderWay(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** Is a fetch on its way that will replace this stored response? */
  isReplacing(stale: Entry): boolean {
    for (const flight of this.#byKey.get(stale.key) ?? []) {
      if (flight.order.stale?.variant === stale.variant && !flight.withdrawal.isWithdrawn) return true;
    }
    return false;
  }

  /** Begins a fetch for `leader`, or for nobody. */
  begin(order: FlightOrder, leader: Asker | undefined): Flight {
    this.#crew.counters.fetched.requests += 1;
    const flight = new Flight(order, this.#crew, (over, stored) => this.#remove(over, stored));
    const flights = this.#byKey.get(order.key);
    if (flights === undefined) this.#byKey.set(order.key, [flight]);
    else flights.push(flight);
    flight.start(leader);
    return flight;
  }

  /** From now on this hears of purges too. */
  watch(other: Withdrawable): void {
    this.#others.add(other);
  }

  unwatch(other: Withdrawable): void {
    this.#others.delete(other);
  }

  /** Everything that is on its way into the store. */
  *all(): Iterable<Withdrawable> {
    for (const flights of this.#byKey.values()) yield* flights;
    yield* this.#others;
  }

  /** What these bring is outdated. */
  withdraw(isMeant: (order: FlightOrder) => boolean): void {
    for (const { order, withdrawal } of this.all()) if (isMeant(order)) withdrawal.withdraw();
  }

  withdrawKey(key: string): void {
    this.withdraw((order) => order.key === key);
  }

  withdrawTags(tags: readonly string[]): void {
    const purged = new Set(tags);
    for (const { order, withdrawal } of this.all()) {
      withdrawal.purgeTags(purged);
      // What is purged must not stand in for an origin that fails.
      if (order.stale?.tags.some((tag) => purged.has(tag))) withdrawal.withdraw();
    }
  }

  /** What is for this host, and is meant: its head tells, now or when it is here; so does that of what it renews. */
  withdrawAt(host: string, isMeant: (draft: Draft) => boolean): void {
    for (const { order, withdrawal } of this.all()) {
      if (order.resource.host !== host) continue;
      withdrawal.withdrawIf(isMeant);
      if (order.stale !== undefined && isMeant(order.stale)) withdrawal.withdraw();
    }
  }

  /** How many of those whose answer may still be stored are meant. */
  count(isMeant: (flight: Flight) => boolean): number {
    let count = 0;
    for (const flights of this.#byKey.values()) {
      for (const flight of flights) if (!flight.withdrawal.isWithdrawn && isMeant(flight)) count += 1;
    }
    return count;
  }

  /** Ends all of them: the edge stops. */
  abandonAll(): void {
    for (const flights of [...this.#byKey.values()]) {
      for (const flight of [...flights]) flight.abandon();
    }
  }

  #remove(flight: Flight, stored: Entry | undefined): void {
    const flights = this.#byKey.get(flight.order.key);
    const at = flights?.indexOf(flight) ?? -1;
    if (flights === undefined || at < 0) return;
    // Those before this one were begun before it.
    for (let i = 0; stored !== undefined && i < at; i++) tellEarlier(flights[i], stored);
    flights.splice(at, 1);
    if (flights.length === 0) this.#byKey.delete(flight.order.key);
  }
}

function tellEarlier(earlier: Flight | undefined, stored: Entry): void {
  if (stored.part === undefined || earlier?.part !== '') earlier?.withdrawal.overtakenBy(stored.variant);
}
