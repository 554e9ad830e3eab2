/**
 * How long a member takes to begin its answers, as Finagle's and Linkerd's balancer `peakEwma` sees it: a slower answer
 * counts at once and in full, faster ones little by little, and what is not seen again fades. Pure.
 */

/** Answers so long ago count 1/e of what they did: Linkerd's and Finagle's 10 s. */
const fadeMs = 10_000;

/** More than any time: a member that was asked and never answered is not asked again before others. */
const unknownMs = 1e12;

/** What was seen, as of a time. */
export type Peak = { readonly ms: number; readonly at: number };

/** The peak as it is now. */
export function peakAt({ ms, at }: Peak, now: number): number {
  return ms * Math.exp(-Math.max(0, now - at) / fadeMs);
}

/** An answer began `ms` after its request. */
export function afterAnswer(before: Peak | undefined, ms: number, now: number): Peak {
  if (before === undefined) return { ms, at: now };
  const faded = peakAt(before, now);
  if (ms > faded) return { ms, at: now };
  const kept = Math.exp(-Math.max(0, now - before.at) / fadeMs);
  return { ms: before.ms * kept + ms * (1 - kept), at: now };
}

/** A request failed after `ms`: that it took long counts, that it failed fast is no merit. */
export function afterNoAnswer(before: Peak | undefined, ms: number, now: number): Peak {
  return before !== undefined && peakAt(before, now) >= ms ? before : { ms, at: now };
}

/** What one more request costs there: the time of all before it and its own. Nothing where nobody asked yet. */
export function costOf(peak: Peak | undefined, inFlight: number, now: number): number {
  if (peak === undefined) return inFlight === 0 ? 0 : unknownMs + inFlight;
  return peakAt(peak, now) * (inFlight + 1);
}
