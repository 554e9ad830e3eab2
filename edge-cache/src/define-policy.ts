/**
 * What may stand in `policy.ts`: VCL in TypeScript. Every hook is a function over plain data; it decides, or returns
 * nothing and the built-in rule decides. A policy is tested with nothing but `node --test`: `exampleRequest` and
 * `exampleResponse` make what its hooks are given.
 */
import type { BackendRules } from './backend-plan.ts';
import type { QueryRules } from './policy/key.ts';
import { type RequestView, type ResponseView, requestView, responseView } from './policy/views.ts';

export type { BackendRules } from './backend-plan.ts';
export type { QueryRules } from './policy/key.ts';
export type { RequestView, ResponseView } from './policy/views.ts';
export { type Tried, testPolicy } from './test-policy.ts';

/** `250ms`, `10s`, `5m`, `1h`, or milliseconds. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}` | number;

/**
 * What becomes of a request. `set` and `remove` change it for all that follows: the key, `Vary`, the other hooks, the
 * origin. Without `do` the built-in rules decide about the request as it is then.
 */
export type ReceiveVerdict =
  | (Edit & { readonly do?: 'lookup' })
  | (Edit & { readonly do: 'pass'; readonly why?: string })
  /** As `pass`; for an upgrade, the tunnel. */
  | (Edit & { readonly do: 'pipe'; readonly why?: string })
  | { readonly do: 'purge'; readonly soft?: boolean }
  | {
      readonly do: 'synth';
      readonly status: number;
      readonly why?: string;
      /** Beside those of every page: `{ location: '/new' }`. */
      readonly headers?: Readonly<Record<string, string>>;
      /** In place of a page. */
      readonly body?: string;
    };

/** Fields to set (in place of all lines of that name) and to remove. */
export type Edit = {
  readonly set?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
};

/** What the origin is asked, and which backend is the origin: a name among the `backends`; without one, `default`. */
export type FetchVerdict = Edit & { readonly backend?: string };

/** Which cookies count; names may begin or end with `*`. */
export type CookieRules = {
  /** All others are dropped. */
  readonly keep?: readonly string[];
  readonly remove?: readonly string[];
};

/**
 * What is to become of a response. Times stand in place of the response's own; `pass` keeps it out of the cache, and
 * `store` puts it in although it says no-store, private or Set-Cookie.
 */
export type AdmitVerdict = {
  readonly do?: 'store' | 'pass';
  /** How long it is fresh from now on. */
  readonly ttl?: Duration;
  /** How long past that it is given at once while it is refreshed. */
  readonly grace?: Duration;
  readonly staleIfError?: Duration;
  readonly keep?: Duration;
  /** Beside those that the response carries. */
  readonly tags?: readonly string[];
  /** Stored compressed whatever its type and length are, or never. By default text is. */
  readonly compress?: boolean;
  readonly why?: string;
  /** Is its ESI markup processed, whatever its `Surrogate-Control` says? */
  readonly esi?: boolean;
};

/** An error page of one's own. */
export type Page = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Policy = {
  /** What becomes of a request. */
  readonly receive?: (request: RequestView) => ReceiveVerdict | undefined;
  /** Which query parameters count: for the key, and for what the origin is asked. */
  readonly query?: QueryRules;
  /** The cookies that go on to the origin on a lookup. Without it all of them do. */
  readonly cookies?: CookieRules;
  /** The key under which answers to a request are stored; by default host, path and query. */
  readonly key?: (request: RequestView) => string | undefined;
  /** Changes the request to the origin, and chooses the backend. */
  readonly fetch?: (request: RequestView) => FetchVerdict | undefined;
  /** Whether, how long and under which tags a response is stored. */
  readonly admit?: (response: ResponseView, request: RequestView) => AdmitVerdict | undefined;
  /** Changes what the client gets. */
  readonly deliver?: (response: ResponseView, request: RequestView) => Edit | undefined;
  /** The page for an error that the edge makes itself. */
  readonly synth?: (status: number, request: RequestView) => Page | undefined;
  /** The places where origins are, by name. `default` has the addresses of `EDGE_ORIGIN` unless it says others. */
  readonly backends?: Readonly<Record<string, BackendRules>>;
};

/** Gives a policy its types. */
export function definePolicy(policy: Policy): Policy {
  return Object.freeze({ ...policy });
}

/** A request to try hooks with: `exampleRequest('http://example.com/a?b', { headers: { cookie: 'x=1' } })`. */
export function exampleRequest(
  url: string,
  { method = 'GET', headers = {}, client = '127.0.0.1' }: ExampleRequest = {},
): RequestView {
  const { host, pathname, search, protocol } = new URL(url, 'http://localhost/');
  const scheme = protocol === 'https:' ? 'https' : 'http';
  const target = pathname + search;
  return requestView({ method, target, host, scheme, client, fields: Object.entries(headers).flat() });
}

export type ExampleRequest = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly client?: string;
};

/** A response to try hooks with. */
export function exampleResponse(status: number, headers: Readonly<Record<string, string>> = {}): ResponseView {
  return responseView(status, Object.entries(headers).flat());
}
