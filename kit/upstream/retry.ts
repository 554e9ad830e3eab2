/** Whether a request that failed is given to a member once more. Pure; who that is, and whether there is one, is not said. */
import type { Reason } from '../semantics/fault.ts';

/** RFC 9110 §9.2.2: sent twice they mean what they mean once. */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** May it be sent more than once? Its body is there still, or it has none. */
export function isRepeatable(method: string, body: unknown): boolean {
  return idempotent.has(method) && (body === undefined || Buffer.isBuffer(body) || isHeld(body));
}

function isHeld(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'open' in body;
}

/** What went wrong, and what came before. */
export type Setback = {
  readonly reason: Reason;
  /**
   * How far the request came: `unsent`; on a reused connection that died before a byte of the answer (`stale`: the peer
   * may never have seen it); `sent`; or an answer began whose status is not taken (`answered`).
   */
  readonly how: 'unsent' | 'stale' | 'sent' | 'answered';
  readonly isRepeatable: boolean;
  readonly wasReplayed: boolean;
  /** Retries so far. */
  readonly retries: number;
  /** Since the request was first given to a member. */
  readonly sinceMs: number;
};

export type RetryRule = {
  readonly retries: number;
  readonly timeouts: { readonly connectMs: number; readonly firstByteMs: number };
};

/**
 * `redial`: another member, nothing was sent. `replay`: the same member, which may not have seen it; that is free, once.
 * `retry`: another member or, if there is none, the same; if the budget allows it. `give-up`: the caller is told.
 */
export type Verdict = {
  readonly next: 'redial' | 'replay' | 'retry' | 'give-up';
  readonly why:
    | 'nothing-sent'
    | 'stale-connection'
    | 'repeatable'
    | 'unrepeatable'
    | 'no-retries-left'
    | 'final'
    | 'late';
};

/**
 * Failures behind which another try may do better. A malformed answer would be the same again, and a silence of
 * `firstByteMs` has taken all the time there is.
 */
const passing: ReadonlySet<Reason> = new Set(['reset-before-head', 'unavailable']);

/**
 * The time that all attempts have together: none begins when the request has been given to members for `firstByteMs`, so
 * that a slow failure is not waited for twice; where nothing was sent, for `connectMs` more.
 */
export function afterSetback(setback: Setback, { retries, timeouts }: RetryRule): Verdict {
  const { how, sinceMs } = setback;
  const { connectMs, firstByteMs } = timeouts;
  if (how === 'unsent') {
    if (sinceMs >= firstByteMs + connectMs) return { next: 'give-up', why: 'late' };
    return { next: 'redial', why: 'nothing-sent' };
  }
  if (!setback.isRepeatable) return { next: 'give-up', why: 'unrepeatable' };
  if (how === 'stale' && !setback.wasReplayed) return { next: 'replay', why: 'stale-connection' };
  if (!passing.has(setback.reason)) return { next: 'give-up', why: 'final' };
  if (setback.retries >= retries) return { next: 'give-up', why: 'no-retries-left' };
  if (sinceMs >= firstByteMs) return { next: 'give-up', why: 'late' };
  return { next: 'retry', why: 'repeatable' };
}
