/** What `site.ts` can say of an upstream. Durations: `250ms`, `10s`. */

export type UpstreamOptions = {
  /** `http://HOST:PORT`, `unix:PATH`; several with commas, or each with what is to be known of it. Without: FRONT_UPSTREAM. */
  readonly addresses?: string | readonly (string | AddressOptions)[];
  /**
   * Who is asked first: `round-robin` (smooth, weighted; the default of one worker), `least-connections`, `peak-ewma` (who
   * answers fastest), `two-choices` (the less busy of two by chance; the default where there are several workers), `random`,
   * `hash`, `fallback` (the first that is well).
   */
  readonly balance?: 'round-robin' | 'least-connections' | 'peak-ewma' | 'two-choices' | 'random' | 'hash' | 'fallback';
  /**
   * For `hash`: the client's address (default; IPv6: its /64), the URL (path and query), a field, a cookie; who has none
   * goes by his address.
   */
  readonly hashBy?: 'client' | 'url' | { readonly header: string } | { readonly cookie: string };
  /**
   * A client stays with its address by a cookie as long as that is well; `trivet-` and the upstream's name. `secret` (16
   * characters at least) signs it; without one the signature is the same everywhere, and who knows how it is made chooses
   * his address. `maxAge`: without, until the browser is closed. The app does not get the cookie.
   */
  readonly sticky?: { readonly cookie?: string; readonly secret?: string; readonly maxAge?: string };
  /**
   * How many failures in a row (to connect, to answer in time and in HTTP, to finish an answer) take an address out for
   * `failTimeout`: 1 and 10s; 0: none. Who is out is asked last, never not at all. Where there is one address and nothing
   * is said, nothing is counted.
   */
  readonly maxFails?: number;
  readonly failTimeout?: string;
  /**
   * The part of its requests (0 to 1) whose failure takes an address out as well, of ten at least within `failTimeout`;
   * 0.5 by default, 0: however many, as long as they are not in a row.
   */
  readonly failFraction?: number;
  /** How long an address that comes (back) takes to have its whole share. */
  readonly slowStart?: string;
  /** Asks each address regularly whether it is well. */
  readonly probe?: {
    readonly path?: string;
    readonly interval?: string;
    readonly timeout?: string;
    readonly window?: number;
    readonly threshold?: number;
    readonly status?: number;
    readonly host?: string;
  };
  /** How often a request is given to another address, or again, where that is safe; 1 by default. */
  readonly retries?: number;
  /** Statuses after which a GET, HEAD or other idempotent request without consequence is tried elsewhere: `[502, 503]`. */
  readonly retryOn?: readonly number[];
  /** Most retries in a hundred requests of late; 10 by default (and always a few). */
  readonly retryBudget?: number;
  /** To each address, of all workers together; FRONT_UPSTREAM_CONNECTIONS. */
  readonly maxConnections?: number;
  /** Most requests that wait, for any of the addresses, of all workers together; FRONT_UPSTREAM_QUEUE. */
  readonly queue?: number;
  /** How long they wait (504, queue-late). */
  readonly queueWait?: string;
  /** How long an idle connection is kept; 60s, and less where the upstream says so. */
  readonly idle?: string;
  /**
   * FRONT_CONNECT_TIMEOUT, FRONT_FIRST_BYTE_TIMEOUT, FRONT_BETWEEN_BYTES_TIMEOUT; and `total`, from when an address has the
   * request until the client has the answer, retries included (504, timeout-total): without a limit if not said.
   */
  readonly timeouts?: {
    readonly connect?: string;
    readonly firstByte?: string;
    readonly betweenBytes?: string;
    readonly total?: string;
  };
};

export type AddressOptions = {
  readonly address: string;
  /** Its share; 1 by default, at most 100. */
  readonly weight?: number;
  /** Asked only when no other can be. */
  readonly backup?: boolean;
  /** Not asked. */
  readonly down?: boolean;
  readonly maxConnections?: number;
};
