/**
 * A user's policy, made ready: what can be done once is done at load, and what a hook returns is checked before anything
 * is done with it. A hook that throws or returns nonsense costs its own request a 503, and nothing else.
 */
import { duration } from '@trivet/kit/process/units.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { isToken } from '@trivet/kit/semantics/list.ts';
import type { AdmitVerdict, Duration, Edit, Page, Policy, ReceiveVerdict } from './define-policy.ts';
import type { Advice } from './policy/admission.ts';
import { nameMatcher, type QueryFilter, queryFilter } from './policy/key.ts';
import type { Reception } from './policy/receive.ts';
import type { RequestView, ResponseView } from './policy/views.ts';

const noAdvice: Advice = Object.freeze({});

export class Rules {
  readonly queryFilter: QueryFilter | undefined;
  readonly #policy: Policy;
  readonly #keepsCookie: ((name: string) => boolean) | undefined;

  constructor(policy: Policy) {
    this.#policy = policy;
    this.queryFilter = policy.query === undefined ? undefined : queryFilter(policy.query);
    this.#keepsCookie = policy.cookies === undefined ? undefined : nameMatcher(policy.cookies.keep);
  }

  /** Is anything to be asked about what a client gets? Spares a hit the making of views. */
  get editsDelivery(): boolean {
    return this.#policy.deliver !== undefined;
  }

  /** Are answers stored under keys of the policy's own? */
  get hasKey(): boolean {
    return this.#policy.key !== undefined;
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

  receive(request: RequestView): Reception | undefined {
    const { receive } = this.#policy;
    return receive && asked('receive', () => reception(receive(request)));
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

  fetch(request: RequestView): Edit | undefined {
    const { fetch } = this.#policy;
    return fetch && asked('fetch', () => edit(fetch(request)));
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
}

function asked<T>(hook: string, ask: () => T): T {
  try {
    return ask();
  } catch (cause) {
    throw new Fault('internal', `the policy's hook ${hook} failed`, { cause, status: 503 });
  }
}

const receptions = new Set(['lookup', 'pass', 'pipe', 'purge', 'synth']);

function reception(verdict: ReceiveVerdict | undefined): Reception | undefined {
  if (verdict === undefined || verdict === null) return undefined;
  if (!receptions.has(verdict.do)) throw new TypeError(`"do" is ${JSON.stringify(verdict.do)}`);
  switch (verdict.do) {
    case 'lookup':
      return { do: 'lookup' };
    case 'pass':
    case 'pipe':
      return { do: verdict.do, why: verdict.why ?? 'policy' };
    case 'purge':
      return { do: 'purge', soft: verdict.soft === true };
    case 'synth':
      return { do: 'synth', status: finalStatus(verdict.status), why: verdict.why ?? 'policy' };
  }
}

function finalStatus(status: number): number {
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new TypeError(`${JSON.stringify(status)} is no final status`);
}

function advice(verdict: AdmitVerdict | undefined): Advice {
  if (verdict === undefined || verdict === null) return noAdvice;
  if (verdict.do !== undefined && verdict.do !== 'store' && verdict.do !== 'pass') {
    throw new TypeError(`"do" is ${JSON.stringify(verdict.do)}`);
  }
  return {
    do: verdict.do,
    ttl: milliseconds(verdict.ttl),
    grace: milliseconds(verdict.grace),
    staleIfError: milliseconds(verdict.staleIfError),
    keep: milliseconds(verdict.keep),
    tags: verdict.tags?.filter((tag) => tag !== ''),
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

// The framing and the connection are this hop's; a policy that set them would desynchronise client or origin.
const notForPolicies = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function edit(given: Edit | undefined): Edit | undefined {
  if (given === undefined || given === null) return undefined;
  for (const [name, value] of Object.entries(given.set ?? {})) mustBeField(name, value);
  for (const name of given.remove ?? []) mustBeField(name, '');
  return given;
}

function mustBeField(name: string, value: string): void {
  if (!isToken(name) || notForPolicies.has(name.toLowerCase())) throw new TypeError(`${name} is no field for a policy`);
  if (typeof value !== 'string' || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw new TypeError(`the value of ${name} is no field value`);
  }
}

function page(given: Page | undefined): Page | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given.body !== 'string') throw new TypeError('"body" is no text');
  if (given.status !== undefined) finalStatus(given.status);
  edit({ set: given.headers ?? {} });
  return given;
}

function text(value: string | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`${JSON.stringify(value)} is no text`);
}
