/** What `Cache-Status` (RFC 9211) says this cache did with a request. */
export type CacheOutcome =
  | { readonly hit: true; readonly ttl: number; readonly detail?: string | undefined }
  | {
      readonly hit?: false;
      readonly fwd: Forward;
      /** The status the next hop answered with, where it is not the one that is sent. */
      readonly fwdStatus?: number | undefined;
      readonly ttl?: number | undefined;
      readonly stored?: boolean | undefined;
      /** It shared the fetch of another request. */
      readonly collapsed?: boolean | undefined;
      readonly detail?: string | undefined;
    }
  /** The edge answered by itself. */
  | { readonly hit?: false; readonly fwd?: undefined; readonly detail: string };

/** Why a request went forward, RFC 9211 §2.2. */
export type Forward = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'miss' | 'request' | 'stale' | 'partial';

/** The member of this cache, RFC 9211 §2. */
export function cacheStatus(outcome: CacheOutcome): string {
  const member = outcome.hit ? `edge-cache; hit; ttl=${outcome.ttl}` : forwarded(outcome);
  return outcome.detail === undefined ? member : `${member}; detail=${structuredString(outcome.detail)}`;
}

/** The parameter that tells under which key it was looked up, RFC 9211 §2.7; to be appended to the member. */
export function keyParameter(key: string): string {
  return `; key=${structuredString(key)}`;
}

/** Behind what caches nearer to the origin said, RFC 9211 §2. */
export function appendCacheStatus(before: string | undefined, outcome: CacheOutcome): string {
  return before === undefined || before === '' ? cacheStatus(outcome) : `${before}, ${cacheStatus(outcome)}`;
}

function forwarded(outcome: Exclude<CacheOutcome, { hit: true }>): string {
  if (outcome.fwd === undefined) return 'edge-cache';
  const { fwd, fwdStatus, ttl, stored, collapsed } = outcome;
  let member = `edge-cache; fwd=${fwd}`;
  if (fwdStatus !== undefined) member += `; fwd-status=${fwdStatus}`;
  if (stored) member += '; stored';
  if (collapsed) member += '; collapsed';
  if (ttl !== undefined) member += `; ttl=${ttl}`;
  return member;
}

// A structured string holds printable ASCII only, RFC 9651 §3.3.3.
function structuredString(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
  return `"${printable}"`;
}
