/**
 * Asks a whole policy what becomes of a request and of the answer to it, without a server, a clock or a socket: by the
 * decisions that the edge itself makes, from the same functions.
 */
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { load } from '@trivet/kit/process/settings.ts';
import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { settings } from '../settings.ts';
import type { Page, Policy } from './define-policy.ts';
import { applied } from './edit.ts';
import { made } from './load-policy.ts';
import { honours } from './machine/edge.ts';
import { passedOn } from './machine/head-fields.ts';
import { fetchOutbound, passOutbound } from './machine/outbound.ts';
import { Question } from './machine/question.ts';
import { received } from './machine/receive.ts';
import type { AdmissionRules } from './policy/admission.ts';
import { arrival } from './policy/arrival.ts';
import type { Lifetime } from './policy/lifetime.ts';
import type { Reception } from './policy/receive.ts';
import { variantOf } from './policy/vary.ts';
import { responseView } from './policy/views.ts';
import type { Rules } from './rules.ts';

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** The settings that have a say beside the policy, by their variables: `{ EDGE_GRACE: '10s' }`. The defaults otherwise. */
export type TrialSettings = Readonly<Record<`EDGE_${string}`, string>>;

export type TriedRequest = {
  readonly method?: string;
  readonly headers?: Headers;
  /** The address of the client. */
  readonly client?: string;
  readonly hasBody?: boolean;
  readonly isUpgrade?: boolean;
};

/** What a client, or the origin, is sent. */
export type Sent = {
  /** Name, value, name, value, in the order of the wire. */
  readonly fields: Fields;
  header(name: string): string | undefined;
};

/** What would become of an answer of the origin. */
export type TriedAnswer =
  | {
      readonly verdict: 'store';
      /** Where its time came from: `policy`, `s-maxage`, `max-age`, `expires`, `heuristic`, `default`, `none`. */
      readonly why: string;
      /** How long it is fresh from now on. */
      readonly ttlSeconds: number;
      /** How long past that it is given out while it is refreshed, stands in for a failing origin, is kept for a 304. */
      readonly graceSeconds: number;
      readonly staleIfErrorSeconds: number;
      readonly keepSeconds: number;
      readonly tags: readonly string[];
      /** The request fields that select it, and what this request says in them. */
      readonly vary: readonly string[];
      readonly variant: string;
    }
  | { readonly verdict: 'pass' | 'refuse'; readonly why: string };

/** What would become of a request. */
export type Tried = {
  readonly do: Reception['do'];
  /** The policy's reason, or the built-in rule's; empty for a lookup. */
  readonly why: string;
  /** Of an answer that the edge makes itself. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Under which its answer is stored. */
  readonly key: string;
  /** As it is after `receive`. */
  readonly request: Sent;
  /** What the origin is asked; undefined where it is not asked. */
  readonly origin: (Sent & { readonly backend: string; readonly method: string; readonly target: string }) | undefined;
  /** What becomes of this answer of the origin? */
  admit(status: number, headers?: Headers): TriedAnswer;
  /** What does the client get of it? Without what each exchange adds: Age, Cache-Status, X-Request-Id, Server-Timing. */
  deliver(status: number, headers?: Headers): Sent & { readonly status: number };
  /** The policy's own page for an error of the edge; undefined where the built-in one goes out. */
  synth(status: number): Page | undefined;
};

/**
 * `testPolicy(policy).request('http://example.com/a?utm_source=x')`: what would become of it, and why.
 * @throws PolicyProblem where the edge would refuse to load the policy; a Fault where a hook fails, its reason in `cause`
 */
export function testPolicy(policy: Policy, given: TrialSettings = {}) {
  const config = load(settings, given);
  const { rules } = made(policy, config);
  return {
    request(url: string, request: TriedRequest = {}): Tried {
      const inbound = inboundOf(url, request);
      return tried(new Question(inbound, rules, honours(config, inbound)), request, config);
    },
  };
}

type Config = ReturnType<typeof load<typeof settings>>;

function tried(x: Question<Inbound>, { hasBody = false, isUpgrade = false }: TriedRequest, config: Config): Tried {
  const { edit: _, ...verdict }: Reception & { readonly edit?: object } = received(x, config, { hasBody, isUpgrade });
  const { defaultTtl: ttl, grace, staleIfError, keep, setCookie } = config;
  return {
    why: '',
    ...verdict,
    key: x.key,
    request: sent(x.requestFields),
    origin: originOf(x, verdict.do),
    admit: (status, headers = {}) =>
      answered(x, verdict, { status, fields: flat(headers) }, { ttl, grace, staleIfError, keep, setCookie }),
    deliver: (status, headers = {}) => delivered(x, status, flat(headers)),
    synth: (status) => x.rules.synth(status, x.view),
  };
}

function originOf(x: Question<Inbound>, verdict: Reception['do']): Tried['origin'] {
  if (verdict === 'synth' || verdict === 'purge') return undefined;
  const outbound = verdict === 'lookup' ? fetchOutbound(x, [], x.method === 'HEAD' ? 'HEAD' : 'GET') : passOutbound(x);
  const { method, target, fields, backend = 'default' } = outbound;
  return { ...sent(fields), method, target, backend };
}

type Response = { readonly status: number; readonly fields: Fields };

// A time of which nothing depends, but that an answer with a `Date` is as old as it says.
const NOW = Date.UTC(2026, 0, 1);

function answered(x: Question, verdict: Reception, response: Response, rules: AdmissionRules): TriedAnswer {
  if (verdict.do !== 'lookup') return { verdict: 'pass', why: 'why' in verdict ? verdict.why : verdict.do };
  const candidate = {
    request: { method: x.method, fields: x.fields, directives: x.directives },
    response,
    timing: { requestedAt: NOW, respondedAt: NOW },
    isConditional: false,
    standIn: undefined,
    isBackground: false,
  };
  const arrived = arrival(candidate, rules, () => advised(x.rules, x, response));
  switch (arrived.do) {
    case 'store': {
      const { why, life, tags, vary } = arrived.admission;
      return { verdict: 'store', why, ...seconds(life), tags, vary, variant: variantOf(vary, x.fields) };
    }
    case 'pass':
      return { verdict: 'pass', why: arrived.why };
    case 'refuse':
      return { verdict: 'refuse', why: arrived.why };
    case 'renew':
    case 'rescue':
    case 'ask-whole':
      return { verdict: 'refuse', why: arrived.do };
  }
}

function advised(rules: Rules, { view }: Question, { status, fields }: Response) {
  return rules.admit(responseView(status, fields), view);
}

function seconds({ freshUntil, graceUntil, errorUntil, keepUntil }: Lifetime) {
  return {
    ttlSeconds: (freshUntil - NOW) / 1000,
    graceSeconds: (graceUntil - freshUntil) / 1000,
    staleIfErrorSeconds: (errorUntil - freshUntil) / 1000,
    keepSeconds: (keepUntil - Math.max(freshUntil, graceUntil, errorUntil)) / 1000,
  };
}

function delivered(x: Question, status: number, fields: Fields): Sent & { readonly status: number } {
  const shown = passedOn(fields);
  const edit = x.rules.deliver(responseView(status, shown), x.view);
  return { status, ...sent(edit === undefined ? shown : applied(edit, shown)) };
}

function sent(fields: Fields): Sent {
  return { fields, header: (name) => field(fields, name.toLowerCase()) };
}

function flat(headers: Headers): Fields {
  return Object.entries(headers).flatMap(([name, values]) => [values].flat().flatMap((value) => [name, value]));
}

function inboundOf(url: string, { method = 'GET', headers = {}, client = '127.0.0.1' }: TriedRequest): Inbound {
  const { host, pathname, search, protocol } = new URL(url, 'http://localhost/');
  return {
    id: 'tried',
    method,
    target: pathname + search,
    host,
    scheme: protocol === 'https:' ? 'https' : 'http',
    version: '1.1',
    fields: ['Host', host, ...flat(headers)],
    peer: { address: client, port: 0, trusted: false },
    client,
    body: undefined,
    bodyLength: undefined,
    receivedAt: 0,
  };
}
