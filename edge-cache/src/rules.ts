/**
 * A user's policy, made ready: what can be done once is done at load, and what a hook returns is checked before anything
 * is done with it. A hook that throws or returns nonsense costs its own request a 503, and nothing else.
 */
import { duration } from '@trivet/kit/process/units.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import type { HashBy } from './backend-plan.ts';
import type { AdmitVerdict, CookieRules, Duration, Edit, FetchVerdict, Page, Policy } from './define-policy.ts';
import type { Advice } from './policy/admission.ts';
import { nameMatcher, type QueryFilter, queryFilter } from './policy/key.ts';
import type { RequestView, ResponseView } from './policy/views.ts';
import { edit, type Heard, heard, page, text } from './verdicts.ts';

/** What a policy without `admit` says of every response. */
export const noAdvice: Advice = Object.freeze({});

export class Rules {
  readonly queryFilter: QueryFilter | undefined;
  readonly #policy: Policy;
  readonly #keepsCookie: ((name: string) => boolean) | undefined;
  #inheritsKeys = false;
  #users = 0;
  #onUnused: (() => void) | undefined;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.queryFilter = policy.query === undefined ? undefined : queryFilter(policy.query);
    this.#keepsCookie = policy.cookies === undefined ? undefined : cookieFilter(policy.cookies);
  }

  /** How many exchanges go by them. */
  get users(): number {
    return this.#users;
  }

  /** An exchange goes by them until it calls `leave`, whatever is in force by then. */
  enter(): void {
    this.#users += 1;
  }

  leave(): void {
    this.#users -= 1;
    this.#tellUnused();
  }

  /** They are no longer in force: calls back once the last exchange that goes by them is over, perhaps at once. */
  retire(onUnused: () => void): void {
    this.#onUnused = onUnused;
    this.#tellUnused();
  }

  // Once: a fragment may yet begin after its page was the last.
  #tellUnused(): void {
    if (this.#users > 0) return;
    const onUnused = this.#onUnused;
    this.#onUnused = undefined;
    onUnused?.();
  }

  /** Is anything to be asked about what a client gets? Spares a hit the making of views. */
  get editsDelivery(): boolean {
    return this.#policy.deliver !== undefined;
  }

  /** Are answers stored under keys of the policy's own? */
  get hasKey(): boolean {
    return this.#policy.key !== undefined;
  }

  /** May something be stored under keys of its own, or of a policy before it? */
  get hasHadKey(): boolean {
    return this.hasKey || this.#inheritsKeys;
  }

  /** Takes over from those that were in force. */
  succeed(old: Rules): void {
    this.#inheritsKeys = old.hasHadKey;
  }

  /** Has it a word in what becomes of requests? */
  get hasReceive(): boolean {
    return this.#policy.receive !== undefined;
  }

  /** Has it a word about responses? */
  get hasAdmit(): boolean {
    return this.#policy.admit !== undefined;
  }

  /** Is anything to be asked about what is fetched? */
  get editsFetch(): boolean {
    return this.#policy.fetch !== undefined;
  }

  receive(request: RequestView): Heard | undefined {
    const { receive } = this.#policy;
    return receive && asked('receive', () => heard(receive(request)));
  }

  key(request: RequestView): string | undefined {
    const { key } = this.#policy;
    return key && asked('key', () => text(key(request)));
  }

  /** What a lookup's `Cookie` becomes; undefined when nothing of it is left. */
  cookies(value: string): string | undefined {
    const keeps = this.#keepsCookie;
    if (keeps === undefined) return value;
    const kept = value.split(';').filter((pair) => keeps((pair.split('=', 1)[0] ?? '').trim()));
    return kept.length === 0 ? undefined : kept.map((pair) => pair.trim()).join('; ');
  }

  fetch(request: RequestView): FetchVerdict | undefined {
    const { fetch } = this.#policy;
    return fetch && asked('fetch', () => this.#fetching(fetch(request)));
  }

  /** What requests to a backend are spread by, where that is told. */
  hashBy(backend: string): HashBy | undefined {
    const own = this.#policy.backends?.[backend];
    return own?.balance === 'hash' ? (own.hashBy ?? 'url') : undefined;
  }

  /** The key of a request for a backend whose `hashBy` is a function. */
  hashKey(by: (request: RequestView) => string, request: RequestView): string | undefined {
    return asked('hashBy', () => text(by(request)));
  }

  admit(response: ResponseView, request: RequestView): Advice {
    const { admit } = this.#policy;
    return admit === undefined ? noAdvice : asked('admit', () => advice(admit(response, request)));
  }

  deliver(response: ResponseView, request: RequestView): Edit | undefined {
    const { deliver } = this.#policy;
    return deliver && asked('deliver', () => edit(deliver(response, request)));
  }

  synth(status: number, request: RequestView): Page | undefined {
    const { synth } = this.#policy;
    return synth && asked('synth', () => page(synth(status, request)));
  }

  #fetching(verdict: FetchVerdict | undefined): FetchVerdict | undefined {
    const backend = edit(verdict) && verdict?.backend;
    if (backend === undefined || backend === 'default') return verdict ?? undefined;
    const { backends = {} } = this.#policy;
    if (typeof backend === 'string' && Object.hasOwn(backends, backend)) return verdict;
    const names = [...new Set(['default', ...Object.keys(backends)])].join(', ');
    throw new TypeError(`there is no backend ${JSON.stringify(backend)}; there is ${names}`);
  }
}

function cookieFilter({ keep, remove = [] }: CookieRules): (name: string) => boolean {
  const isKept = keep === undefined ? () => true : nameMatcher(keep);
  const isRemoved = nameMatcher(remove);
  return (name) => isKept(name) && !isRemoved(name);
}

function asked<T>(hook: string, ask: () => T): T {
  try {
    return ask();
  } catch (cause) {
    throw new Fault('internal', `the policy's hook ${hook} failed`, { cause, status: 503 });
  }
}

function advice(verdict: AdmitVerdict | undefined): Advice {
  if (verdict === undefined || verdict === null) return noAdvice;
  if (verdict.do !== undefined && verdict.do !== 'store' && verdict.do !== 'pass') {
    throw new TypeError(`"do" is ${JSON.stringify(verdict.do)}`);
  }
  if (verdict.compress !== undefined && typeof verdict.compress !== 'boolean') {
    throw new TypeError(`"compress" is ${JSON.stringify(verdict.compress)}`);
  }
  return {
    do: verdict.do,
    ttl: milliseconds(verdict.ttl),
    grace: milliseconds(verdict.grace),
    staleIfError: milliseconds(verdict.staleIfError),
    keep: milliseconds(verdict.keep),
    tags: verdict.tags?.filter((tag) => tag !== ''),
    compress: verdict.compress,
    why: text(verdict.why),
    esi: verdict.esi,
  };
}

const known = new Map<string, number>();

function milliseconds(given: Duration | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'number') {
    if (given >= 0 && Number.isFinite(given)) return given;
    throw new RangeError(`${given} is no number of milliseconds`);
  }
  const ms = known.get(given) ?? duration.parse(given);
  // Policies have a handful of literals; one that computes its texts must not fill the memory.
  if (known.size < 100) known.set(given, ms);
  return ms;
}
