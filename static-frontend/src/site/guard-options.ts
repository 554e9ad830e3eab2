/** Who may come in by a route, and how often. */

export type GuardOptions = {
  /** By the client's address, as trusted peers tell it: the first list that is there decides who is left (403). */
  readonly access?: AccessOptions;
  /** Asks for name and password (401). */
  readonly basicAuth?: BasicAuthOptions;
  /** Asks an upstream first: 2xx lets the request pass, 401 and 403 go to the client, all else is 500. */
  readonly authRequest?: AuthRequestOptions;
  /** Names of the site's `limits`, all of which must have room. */
  readonly limits?: readonly string[];
};

/** Addresses and ranges: `192.0.2.0/24`, `2001:db8::/32`, `unix`. `deny` is looked at first; with `allow`, all others are out. */
export type AccessOptions = { readonly deny?: readonly string[]; readonly allow?: readonly string[] };

export type BasicAuthOptions = {
  /** What the browser shows. */
  readonly realm: string;
  /** Hashes of passwords by name (`node static-frontend/password.ts` makes them), or a file of `name:hash` lines. */
  readonly users: Readonly<Record<string, string>> | string;
};

export type AuthRequestOptions = {
  /** The upstream that is asked. */
  readonly proxy: string;
  /** Path and query of the question, a GET without body; `X-Original-URI` and `X-Original-Method` say what it is about. */
  readonly path: string;
  /** Fields of its answer that go to the app with the request: `['X-User']`. The client cannot send them. */
  readonly copy?: readonly string[];
};

/** What a limit counts by: the client's address (IPv6: its /64), a field or cookie of the request, all requests together. */
export type LimitKey = 'client' | 'all' | { readonly header: string } | { readonly cookie: string };

/** Requests in time (GCRA) or requests at once; beyond: 429 with `Retry-After`. */
export type LimitOptions = {
  /** Default: client. A request that lacks the field or cookie is counted by its address. */
  readonly by?: LimitKey;
  /** `10/s`, `600/m`, `1000/h`. */
  readonly rate?: string;
  /** How many may come at once before the rate counts; 0 by default. */
  readonly burst?: number;
  /** Those of the burst wait until the rate would have let them in, instead of being let in at once. */
  readonly delay?: boolean;
  /** Requests that are answered at the same time. */
  readonly concurrent?: number;
  /** Tells in log and metrics what would have been refused, and refuses nothing. */
  readonly dryRun?: boolean;
};
