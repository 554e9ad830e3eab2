/** What becomes of a request. The policy's own hook is asked first; what it leaves undecided comes here. */
export type Reception =
  | { readonly do: 'lookup' }
  | { readonly do: 'pass'; readonly why: string }
  | { readonly do: 'pipe'; readonly why: string }
  | { readonly do: 'purge'; readonly soft: boolean }
  | {
      readonly do: 'synth';
      readonly status: number;
      readonly why: string;
      /** Of the page, beside those of every page: `Location`. */
      readonly headers?: Readonly<Record<string, string>>;
      /** In place of a page. */
      readonly body?: string;
    };

export type Received = {
  readonly method: string;
  readonly hasBody: boolean;
  readonly isUpgrade: boolean;
  /** May this client purge? */
  readonly mayPurge: boolean;
};

/** The built-in rules; methods other than GET and HEAD are not answered from the cache (RFC 9111 §2). */
export function receive({ method, hasBody, isUpgrade, mayPurge }: Received): Reception {
  if (isUpgrade) return { do: 'pipe', why: 'upgrade' };
  if (method === 'PURGE') {
    return mayPurge ? { do: 'purge', soft: false } : { do: 'synth', status: 403, why: 'purge-denied' };
  }
  if (method !== 'GET' && method !== 'HEAD') return { do: 'pass', why: 'method' };
  // The body of a GET has no meaning of its own, but an origin that reads it answers something else (RFC 9110 §9.3.1).
  return hasBody ? { do: 'pass', why: 'request-body' } : { do: 'lookup' };
}
