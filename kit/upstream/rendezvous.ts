/** The same key at the same member, by weight: highest random weight (rendezvous hashing), weighed by -w/ln(h). Pure. */

/** Who may get a key. */
export type Place = { readonly seed: number; readonly weight: number };

/**
 * The members in the order in which they get the key. A member that comes or goes moves only its own keys, and one with
 * another weight only what its share grows or shrinks by.
 */
export function byRendezvous<M extends Place>(members: readonly M[], key: string): M[] {
  const seed = seedOf(key);
  return members
    .map((member) => ({ member, score: scoreOf(mixed(seed ^ member.seed), member.weight) }))
    .sort((a, b) => b.score - a.score)
    .map(({ member }) => member);
}

/** With equal weights the order is that of the bits. Never at 0 or 1, where the logarithm ends. */
function scoreOf(bits: number, weight: number): number {
  return -weight / Math.log((bits + 0.5) / 2 ** 32);
}

/** A text as 32 bits: FNV-1a, then mixed, since the last characters of addresses are nearly all they differ in. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mixed(hash);
}

/** The finalizer of MurmurHash3: each bit of the input decides about each bit of the output. */
function mixed(bits: number): number {
  let hash = bits;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
