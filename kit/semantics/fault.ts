// What can break, in one table: who is to blame, what the client is told, and what the next hop is told of it.
// A reason is a row; whoever raises a fault names the row and says which thing and which number.
import { serializeList, Token } from 'structured-headers';
import type { Fields } from './fields.ts';

/** Who broke the exchange: it decides the log level, whether to retry, and whether a stale answer may stand in. */
export type Blame = 'client' | 'upstream' | 'self';

/** The three tiers, by the name they carry in pages, logs and fields. */
export type Tier = 'edge-cache' | 'static-frontend' | 'app-backend';

type Row = {
  readonly blame: Blame;
  readonly status: number;
  /** Proxy error type, RFC 9209 §2.3; only faults of the upstream have one. */
  readonly proxyError?: string;
  readonly retryAfterSeconds?: number;
};

/** Every reason a tier may give for an answer of its own. */
export const reasons = {
  // The next hop cannot be asked now: nothing was sent, another try later is worth it.
  refused: { blame: 'upstream', status: 503, proxyError: 'connection_refused', retryAfterSeconds: 5 },
  unreachable: { blame: 'upstream', status: 503, proxyError: 'destination_ip_unroutable', retryAfterSeconds: 5 },
  unavailable: { blame: 'upstream', status: 503, proxyError: 'destination_unavailable', retryAfterSeconds: 5 },
  dns: { blame: 'upstream', status: 503, proxyError: 'dns_error', retryAfterSeconds: 5 },
  // No process runs the application, and none is expected soon: those that are started fall.
  'no-worker': { blame: 'upstream', status: 503, proxyError: 'destination_unavailable', retryAfterSeconds: 5 },
  'queue-full': { blame: 'upstream', status: 503, proxyError: 'connection_limit_reached', retryAfterSeconds: 1 },

  // The process that ran the application ended with the request in its hands.
  'worker-died': { blame: 'upstream', status: 502, proxyError: 'connection_terminated' },

  // The next hop was asked and did not answer as HTTP wants it.
  'reset-before-head': { blame: 'upstream', status: 502, proxyError: 'connection_terminated' },
  'reset-mid-body': { blame: 'upstream', status: 502, proxyError: 'http_response_incomplete' },
  'bad-response': { blame: 'upstream', status: 502, proxyError: 'http_protocol_error' },
  'response-head-too-large': { blame: 'upstream', status: 502, proxyError: 'http_response_header_section_size' },
  'timeout-connect': { blame: 'upstream', status: 504, proxyError: 'connection_timeout' },
  'timeout-first-byte': { blame: 'upstream', status: 504, proxyError: 'http_response_timeout' },
  // It may have begun to answer, or several were asked one after another: all of it took too long.
  'timeout-total': { blame: 'upstream', status: 504, proxyError: 'http_response_timeout' },
  // It was not even asked: no connection came free in time.
  'queue-late': { blame: 'upstream', status: 504, proxyError: 'connection_limit_reached', retryAfterSeconds: 1 },
  'timeout-between-bytes': { blame: 'upstream', status: 504, proxyError: 'connection_read_timeout' },

  // It answered, and a page of this tier stands in for the answer, under the status of that.
  intercepted: { blame: 'upstream', status: 502 },

  // The client asked in a way that is refused.
  'bad-request': { blame: 'client', status: 400 },
  'bad-host': { blame: 'client', status: 400 },
  'bad-framing': { blame: 'client', status: 400 },
  'bad-path': { blame: 'client', status: 400 },
  'not-authenticated': { blame: 'client', status: 401 },
  denied: { blame: 'client', status: 403 },
  'access-denied': { blame: 'client', status: 403 },
  'not-authorized': { blame: 'client', status: 403 },
  'not-found': { blame: 'client', status: 404 },
  'method-not-allowed': { blame: 'client', status: 405 },
  'head-timeout': { blame: 'client', status: 408 },
  'body-timeout': { blame: 'client', status: 408 },
  'body-too-large': { blame: 'client', status: 413 },
  'target-too-long': { blame: 'client', status: 414 },
  'bad-expectation': { blame: 'client', status: 417 },
  misdirected: { blame: 'client', status: 421 },
  'upgrade-required': { blame: 'client', status: 426 },
  'too-many-purges': { blame: 'client', status: 429, retryAfterSeconds: 1 },
  'rate-limited': { blame: 'client', status: 429, retryAfterSeconds: 1 },
  'too-many-at-once': { blame: 'client', status: 429, retryAfterSeconds: 1 },
  'head-too-large': { blame: 'client', status: 431 },
  'too-many-fields': { blame: 'client', status: 431 },
  'client-left': { blame: 'client', status: 499 },
  'unknown-coding': { blame: 'client', status: 501 },
  'unknown-method': { blame: 'client', status: 501 },
  'bad-version': { blame: 'client', status: 505 },

  // This tier itself is at its limit or at fault.
  'not-everywhere': { blame: 'self', status: 503, retryAfterSeconds: 1 },
  'too-many-connections': { blame: 'self', status: 503, retryAfterSeconds: 1 },
  'too-many-passwords': { blame: 'self', status: 503, retryAfterSeconds: 1 },
  // Who was to say whether a request may come in did not say it.
  'auth-failed': { blame: 'self', status: 500 },
  'rewrite-loop': { blame: 'self', status: 500 },
  // A request body that was to wait here found no room on the disk (507), or the disk failed.
  'body-storage': { blame: 'self', status: 500 },
  internal: { blame: 'self', status: 500 },
} as const satisfies Record<string, Row>;

export type Reason = keyof typeof reasons;

type FaultOptions = ErrorOptions & {
  readonly status?: number;
  readonly retryAfterSeconds?: number;
  /** What belongs to the status: `WWW-Authenticate`. */
  readonly fields?: Fields;
};

/** An exchange that broke, for one of the reasons above; `cause` keeps what was thrown underneath. */
export class Fault extends Error {
  readonly reason: Reason;
  readonly blame: Blame;
  readonly status: number;
  readonly proxyError: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly fields: Fields;

  constructor(reason: Reason, message: string, options: FaultOptions = {}) {
    super(message, options);
    const row: Row = reasons[reason];
    this.name = 'Fault';
    this.reason = reason;
    this.blame = row.blame;
    this.status = options.status ?? row.status;
    this.proxyError = row.proxyError;
    this.retryAfterSeconds = options.retryAfterSeconds ?? row.retryAfterSeconds;
    this.fields = options.fields ?? [];
  }
}

/** Any thrown value as a fault; what nobody foresaw is `internal`, and its text stays in `cause`, away from the page. */
export function toFault(error: unknown): Fault {
  return error instanceof Fault ? error : new Fault('internal', 'unexpected error', { cause: error });
}

/** `Proxy-Status` for an answer this tier made because of its upstream (RFC 9209 §2); undefined for other faults. */
export function proxyStatus(tier: Tier, fault: Fault): string | undefined {
  if (fault.blame !== 'upstream' || fault.proxyError === undefined) return undefined;
  const parameters = new Map<string, Token | string>([
    ['error', new Token(fault.proxyError)],
    ['details', details(fault.message)],
  ]);
  return serializeList([[new Token(tier), parameters]]);
}

/** What an answer says of the fault that it stands for: its own fields, `Proxy-Status`, `Retry-After`. */
export function faultFields(tier: Tier, fault: Fault): string[] {
  const fields = [...fault.fields];
  const told = proxyStatus(tier, fault);
  if (told !== undefined) fields.push('Proxy-Status', told);
  if (fault.retryAfterSeconds !== undefined) fields.push('Retry-After', String(fault.retryAfterSeconds));
  return fields;
}

const LONGEST_DETAILS = 160;

// The field leaves the house: an sf-string holds printable ASCII only (RFC 9651 §3.3.3), and paths of our disk are
// nobody's business (RFC 9209 §4).
function details(message: string): string {
  return message
    .replace(/(^|[\s"'(=:])(?:\/[^\s"'():/]+){2,}/g, '$1...')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, LONGEST_DETAILS);
}
