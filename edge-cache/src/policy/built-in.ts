/**
 * What is decided where a policy says nothing, hook by hook: what builtin.vcl is to Varnish. This is what runs, not a
 * description of it; each rule says where its details are. A hook of a policy is asked first; what it returns stands in
 * place of the rule here, or beside it where its comment says so.
 */
import { errorPage } from '@trivet/kit/semantics/error-page.ts';
import { type Fields, without } from '@trivet/kit/semantics/fields.ts';
import { type Admission, type AdmissionRules, type Advice, admission, type Candidate } from './admission.ts';
import type { Resource } from './key.ts';
import { isOverride } from './override-fields.ts';
import { type Received, type Reception, receive } from './receive.ts';
import { unconditional } from './validation.ts';

/** `Surrogate-Control` was for this edge alone; the others are this hop's to say. */
export const notForClients: ReadonlySet<string> = new Set(['surrogate-control', 'x-request-id', 'via']);

export const builtIn = {
  /**
   * An upgrade is piped. PURGE purges for clients in EDGE_PURGE_FROM, and is 403 for others. GET and HEAD without a body
   * are looked up. All else passes. Neither a cookie nor credentials keep a request from the cache: what may be stored
   * and who may have it is decided where the response is (`admit`, and `finding.ts` for credentials).
   */
  receive: (request: Received): Reception => receive(request),

  /** Host in lower case without :80 and :443, then path and query as the query rules left them; no scheme. */
  key: ({ host, path }: Resource): string => host + path,

  /**
   * For the cache the origin is asked for the whole, or for one part (`parts.ts`): the client's conditions are taken out,
   * and those of the stored response put in. Fields that would ask for something else than is in the key are taken out, too
   * (`override-fields.ts`). What belongs to the connection, to this hop, and forwarding fields of strangers are not passed
   * on, for the cache or else (`outbound.ts`). The backend is `default`.
   */
  fetch: (fields: Fields): string[] => without(unconditional(fields), isOverride),

  /**
   * In this order; the first that is true is the reason not to store (`admission.ts`, RFC 9111 §3):
   * 1. no GET (`method`); a status below 200, 304, a 206 without a place, or one not understood beside must-understand (`status`);
   *    `Vary: *` (`vary`). Not even a policy lifts these.
   * 2. the policy's `do: 'pass'`; its `do: 'store'` skips the rest.
   * 3. no-store (`no-store`), private (`private`), credentials in the request without public, s-maxage or
   *    must-revalidate (`authorization`).
   * 4. Set-Cookie without public, as EDGE_SET_COOKIE has it (`set-cookie`); a cookie in the request and a response that
   *    does not say how long it is fresh (`cookie`).
   * 5. no lifetime, and nothing that could be validated (`no-freshness`).
   * 6. a client that says no-store, where it is honoured (`request-no-store`).
   * Fresh for: the policy's `ttl`, else s-maxage, max-age, Expires, a tenth of the time since Last-Modified (at most a
   * day), EDGE_DEFAULT_TTL (`lifetime.ts`). Orders are those of CDN-Cache-Control, else Surrogate-Control, else
   * Cache-Control (`targeted.ts`). Grace, stale-if-error and keep: the policy's, else the response's, else the settings';
   * none where must-revalidate, proxy-revalidate, s-maxage or no-cache forbid stale. Tags of the policy come beside those
   * of Surrogate-Key, Cache-Tag and Cache-Groups (`tags.ts`).
   */
  admit: (candidate: Candidate, rules: AdmissionRules, advice?: Advice): Admission =>
    admission(candidate, rules, advice),

  /**
   * Everything is passed on but `notForClients`. Via, Age, Cache-Status, X-Request-Id and Server-Timing are added
   * (`head-fields.ts`, `conclude.ts`); the client's conditions make a 304 or 412 of it, its ranges a 206 or 416
   * (`form.ts`). The policy's hook is asked about what results.
   */
  deliver: (fields: Fields): string[] => without(fields, (name) => notForClients.has(name)),

  /** A small page that names the tier and the reason, as HTML or JSON, whichever the client's `Accept` prefers. */
  synth: errorPage,
};
