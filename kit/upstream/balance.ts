/** In what order the members of an upstream are asked. Pure: who is usable, and whose turn it is, the caller says. */

/**
 * Who is asked first. `round-robin`: each in turn; `random`; `least-connections`: who has fewest requests in flight;
 * `hash`: the same key goes to the same member, and a member that comes or goes moves only its own keys (highest random
 * weight); `fallback`: the first that is healthy, in the order given, as Varnish's director of that name.
 */
export type Balance = 'round-robin' | 'random' | 'least-connections' | 'hash' | 'fallback';

/**
 * What may be expected of a member. `busy`: the request would wait for a connection; `ejected`: it failed of late and
 * is asked when nobody else is left; `full` (no place to wait either) and `sick` (its probes fail): it is not asked.
 */
export type Standing = 'free' | 'busy' | 'ejected' | 'full' | 'sick';

/** What the order is made from. */
export type Candidate = {
  /** Requests sent to it and not answered to the end. */
  readonly inFlight: number;
  /** From `seedOf`: its place in the order of a hash. */
  readonly seed: number;
};

export type Ask = {
  readonly balance: Balance;
  /** Of the request, for `hash`. */
  readonly key: string;
  /** Counts the requests: whose turn it is. */
  readonly turn: number;
  /** From 0 up to 1. */
  random(): number;
};

/** Why a member has its place: what the balance looks at, or that it would let the request wait, or failed of late. */
export type Why = 'turn' | 'random' | 'fewest' | 'hash' | 'first' | 'busy' | 'ejected';

export type Ranked<M> = { readonly member: M; readonly why: Why };

/** The members in the order in which they are tried: free ones, then busy ones, then ejected ones. */
export function order<M extends Candidate>(
  members: readonly M[],
  standingOf: (member: M) => Standing,
  ask: Ask,
): Ranked<M>[] {
  const { sorted, why } = preference(members, ask);
  const free: Ranked<M>[] = [];
  const busy: Ranked<M>[] = [];
  const ejected: Ranked<M>[] = [];
  for (const member of sorted) {
    const standing = standingOf(member);
    if (standing === 'free') free.push({ member, why });
    else if (standing === 'busy') busy.push({ member, why: 'busy' });
    else if (standing === 'ejected') ejected.push({ member, why: 'ejected' });
  }
  return [...free, ...busy, ...ejected];
}

function preference<M extends Candidate>(members: readonly M[], ask: Ask): { sorted: readonly M[]; why: Why } {
  switch (ask.balance) {
    case 'round-robin':
      return { sorted: rotated(members, ask.turn), why: 'turn' };
    case 'random':
      return { sorted: shuffled(members, ask.random), why: 'random' };
    case 'least-connections':
      // In turn among equals, or an idle upstream would ask its first member alone.
      return { sorted: rotated(members, ask.turn).toSorted((a, b) => a.inFlight - b.inFlight), why: 'fewest' };
    case 'hash':
      return { sorted: byWeight(members, seedOf(ask.key)), why: 'hash' };
    case 'fallback':
      return { sorted: members, why: 'first' };
  }
}

function rotated<M>(members: readonly M[], turn: number): M[] {
  const first = members.length === 0 ? 0 : turn % members.length;
  return [...members.slice(first), ...members.slice(0, first)];
}

/** Fisher and Yates. */
function shuffled<M>(members: readonly M[], random: () => number): M[] {
  const left = [...members];
  const taken: M[] = [];
  while (left.length > 0) taken.push(...left.splice(Math.floor(random() * left.length), 1));
  return taken;
}

function byWeight<M extends Candidate>(members: readonly M[], key: number): M[] {
  const weighed = members.map((member) => ({ member, weight: mixed(key ^ member.seed) }));
  return weighed.sort((a, b) => b.weight - a.weight).map(({ member }) => member);
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
