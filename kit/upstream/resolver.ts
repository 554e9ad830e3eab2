/**
 * The addresses of one name. They are looked up when they are needed and older than `maxAgeMs`, behind the request that
 * needs them, and at once when a connection fails; what was found last stays in force until something else is found.
 */
import type { NameChange, Settings } from './options.ts';

/** The longest that an answer of the name server is believed, whatever it says: containers move. */
export const maxAgeMs = 10_000;

/** A name that was not found is not looked up again so soon, nor for one connection that fails after the other. */
export const restMs = 500;

/** Most addresses of one name that are used. */
const mostAddresses = 64;

type World = Pick<Settings, 'lookup' | 'clock' | 'onName'>;

export class Resolver implements Disposable {
  readonly host: string;
  #world: World;
  readonly #onFound: (addresses: readonly string[]) => void;
  #known: readonly string[] = [];
  /** When the last look-up began that has an answer, and when the last one began for a connection that failed. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #urgedAt = Number.NEGATIVE_INFINITY;
  #foundAt = Number.NEGATIVE_INFINITY;
  #error: Error | undefined;
  #isAsking = false;
  #isDisposed = false;
  #waiters = new Set<() => void>();

  /** `onFound` hears of addresses that differ from those before. */
  constructor(host: string, world: World, onFound: (addresses: readonly string[]) => void) {
    this.host = host;
    this.#world = world;
    this.#onFound = onFound;
  }

  /** Found last; empty before the first answer. */
  get known(): readonly string[] {
    return this.#known;
  }

  get isAsking(): boolean {
    return this.#isAsking;
  }

  /** Why the last look-up failed. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Since the addresses were found, in milliseconds; undefined: never. */
  ageMs(now: number): number | undefined {
    return this.#foundAt === Number.NEGATIVE_INFINITY ? undefined : Math.round(now - this.#foundAt);
  }

  /** The addresses are used: looks them up again if they are old, or if that failed a while ago. */
  touch(now: number): void {
    const isSure = this.#known.length > 0 && this.#error === undefined;
    if (now - this.#askedAt >= (isSure ? maxAgeMs : restMs)) this.#ask();
  }

  /** A connection to one of the addresses failed: looks them up at once. */
  urge(): void {
    const now = this.#world.clock();
    if (now - this.#urgedAt < restMs) return;
    this.#urgedAt = now;
    this.#ask();
  }

  /** Other ways to ask and to tell. */
  change(world: World): void {
    this.#world = world;
  }

  /** How many wait for the look-up under way. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Calls back once, when the look-up under way is over. */
  whenAsked(waiter: () => void): void {
    this.#waiters.add(waiter);
  }

  forget(waiter: () => void): void {
    this.#waiters.delete(waiter);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#settle();
  }

  #ask(): void {
    if (this.#isAsking || this.#isDisposed) return;
    this.#isAsking = true;
    this.#askedAt = this.#world.clock();
    this.#world.lookup(this.host, (error, found) => this.#answered(error, found));
  }

  #answered(error: Error | null, found: readonly string[]): void {
    this.#isAsking = false;
    if (this.#isDisposed) return;
    const addresses = [...new Set(found)].slice(0, mostAddresses);
    if (error || addresses.length === 0) this.#failed(error ?? new Error(`${this.host} has no address`));
    else this.#found(addresses);
    this.#settle();
  }

  #failed(error: Error): void {
    if (this.#error === undefined) this.#tell('unresolved', error.message);
    this.#error = error;
  }

  #found(addresses: readonly string[]): void {
    const before = this.#known;
    this.#known = addresses;
    this.#foundAt = this.#askedAt;
    const hadFailed = this.#error !== undefined;
    this.#error = undefined;
    if (hadFailed) this.#tell('resolved', addresses.join(', '));
    const isSame = addresses.length === before.length && addresses.every((address) => before.includes(address));
    if (!isSame) this.#onFound(addresses);
  }

  #tell(verdict: NameChange['verdict'], why: string): void {
    this.#world.onName({ verdict, host: this.host, kept: this.#known, why });
  }

  #settle(): void {
    const waiters = this.#waiters;
    this.#waiters = new Set();
    for (const waiter of waiters) waiter();
  }
}
