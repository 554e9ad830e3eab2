/**
 * How long a connection whose last answer is out is still read. Bytes that nobody reads make the kernel send a reset,
 * which can take the answer from the client (RFC 9112 §9.6). The total is nginx's lingering_time.
 */
const longestMs = 30_000;
/** Less than nginx's lingering_timeout of 5 s: who is silent may as well have left. */
const silenceMs = 2_000;

/** Instants of one clock, milliseconds; `heardAt`: when bytes last came; `mostMs`: in place of the usual total. */
export type Lingering = { readonly begunAt: number; readonly heardAt: number; readonly mostMs?: number | undefined };

/** Why it is over at `now`, or undefined. */
export function whyLingerEnds(
  { begunAt, heardAt, mostMs = longestMs }: Lingering,
  now: number,
): 'silent' | 'too-long' | undefined {
  if (now - begunAt > mostMs) return 'too-long';
  return now - Math.max(begunAt, heardAt) > silenceMs ? 'silent' : undefined;
}
