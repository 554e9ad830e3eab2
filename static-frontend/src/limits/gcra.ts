/** Requests in time by the generic cell rate algorithm: one number per key says it all. Pure. */

export type Rate = {
  /** From one request to the next, at the rate; milliseconds. */
  readonly intervalMs: number;
  /** How many more may come at once. */
  readonly burst: number;
  /** Do those of the burst wait until the rate lets them in? */
  readonly delay: boolean;
};

/** `due` is the state to keep where the request does come in. */
export type RateVerdict =
  | { readonly verdict: 'in'; readonly due: number }
  | { readonly verdict: 'wait'; readonly waitMs: number; readonly due: number }
  | { readonly verdict: 'refuse'; readonly retryAfterMs: number };

/**
 * May a request of this key come in at `now`? `due` is when the rate would have had the next one come (the theoretical
 * arrival time), undefined for a key without past; both in milliseconds of one clock. As nginx's limit_req counts: the
 * first is in, `burst` more at once, with `delay` each in its turn; one that is refused costs nothing.
 */
export function gcra(due: number | undefined, now: number, { intervalMs, burst, delay }: Rate): RateVerdict {
  const turn = due === undefined ? now : Math.max(due, now);
  const aheadMs = turn - now;
  // Sums of thirds are not exact: a thousandth of a request is nobody's loss, and as fine as nginx counts.
  const slackMs = intervalMs / 1000;
  const tooEarlyMs = aheadMs - burst * intervalMs;
  if (tooEarlyMs > slackMs) return { verdict: 'refuse', retryAfterMs: tooEarlyMs };
  const next = turn + intervalMs;
  return delay && aheadMs > slackMs ? { verdict: 'wait', waitMs: aheadMs, due: next } : { verdict: 'in', due: next };
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** `10/s`, `600/m`, `1000/h` as the milliseconds between two requests. */
export function intervalOf(rate: string): number {
  const [count = '', unit = ''] = rate.split('/');
  return (units[unit] ?? 0) / Number(count);
}
