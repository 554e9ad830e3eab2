/** In what order the members of an upstream are asked. Pure: who is usable, and what is known of each, the caller says. */
import { costOf, type Peak } from './peak-ewma.ts';
import { byRendezvous, type Place } from './rendezvous.ts';
import { byTurn, type Taker } from './smooth.ts';

/**
 * Who is asked first. `round-robin`: each in turn, as often as its weight says, smoothly; `random`, by weight;
 * `least-connections`: who has fewest requests in flight for its weight; `peak-ewma`: who began its answers fastest of
 * late, for what it has in flight and its weight; `two-choices`: the less busy of two by chance; `hash`: the same key
 * goes to the same member, and a member that comes or goes moves only its own keys (highest random weight); `fallback`:
 * the first that is healthy, in the order given, as Varnish's director of that name.
 */
export type Balance =
  | 'round-robin'
  | 'random'
  | 'least-connections'
  | 'peak-ewma'
  | 'two-choices'
  | 'hash'
  | 'fallback';

/**
 * What may be expected of a member. `busy`: the request would wait for a connection; `ejected`, or `ejected-busy`: it
 * failed of late and is asked when nobody else is left; `full` (no place to wait either) and `sick` (its probes fail): it
 * is not asked.
 */
export type Standing = 'free' | 'busy' | 'ejected' | 'ejected-busy' | 'full' | 'sick';

/** What the order is made from, besides weight, `turn` and, for its place in the order of a hash, `seed` (`seedOf`). */
export type Candidate = Taker &
  Place & {
    /** For requests that want to stay where they were. */
    readonly id: string;
    /** Requests given to it and not answered to the end. */
    readonly inFlight: number;
    /** How long it took to begin its answers. */
    readonly peak: Peak | undefined;
    /** Is it asked only when no other is free or busy? */
    readonly isBackup: boolean;
  };

export type Ask = {
  readonly balance: Balance;
  /** Of the request, for `hash`. */
  readonly key: string;
  /** The `id` of the member that the client is to stay with. */
  readonly stickyTo?: string | undefined;
  /** Milliseconds, in the clock of `peak`. */
  readonly now: number;
  /** From 0 up to 1. */
  random(): number;
};

/**
 * Why a member has its place: what the balance looks at, or that the client was there before, that the request would
 * wait, that it is a backup, that it failed of late.
 */
export type Why =
  | ('turn' | 'random' | 'fewest' | 'fastest' | 'less-busy' | 'hash' | 'first')
  | ('sticky' | 'busy' | 'backup' | 'ejected');

export type Ranked<M> = { readonly member: M; readonly why: Why };

/** Who is asked, and among whom turns decided about it, itself included: these have had theirs (`afterPick`). */
export type Choice<M> = Ranked<M> & { readonly inTurn: readonly M[] };

type StandingOf<M> = (member: M) => Standing;

/**
 * The members in the order in which they are tried: free ones, then busy ones, then backups, free or busy, then ejected
 * ones.
 */
export function order<M extends Candidate>(members: readonly M[], standingOf: StandingOf<M>, ask: Ask): Ranked<M>[] {
  const tiers = tiersOf(members, standingOf);
  const ranked = tiers.flatMap(({ members, why }) => {
    const preferred = preference(members, ask);
    return preferred.sorted.map((member) => ({ member, why: why ?? preferred.why }));
  });
  const stays = ask.stickyTo === undefined ? undefined : stayingIn(tiers, ask.stickyTo);
  if (stays === undefined) return ranked;
  return [{ member: stays, why: 'sticky' }, ...ranked.filter(({ member }) => member !== stays)];
}

/** The first of `order`, for less. */
export function choose<M extends Candidate>(
  members: readonly M[],
  standingOf: StandingOf<M>,
  ask: Ask,
): Choice<M> | undefined {
  const tiers = tiersOf(members, standingOf);
  const stays = ask.stickyTo === undefined ? undefined : stayingIn(tiers, ask.stickyTo);
  if (stays) return { member: stays, why: 'sticky', inTurn: [] };
  const [best] = tiers;
  return best && firstOf(best, ask);
}

function firstOf<M extends Candidate>(tier: Tier<M>, ask: Ask): Choice<M> | undefined {
  const { sorted, why, loadOf } = preference(tier.members, ask);
  const [member] = sorted;
  if (member === undefined) return undefined;
  return { member, why: tier.why ?? why, inTurn: loadOf ? alike(tier.members, member, loadOf) : [] };
}

function alike<M>(members: readonly M[], member: M, loadOf: (member: M) => number): readonly M[] {
  const load = loadOf(member);
  return members.every((other) => loadOf(other) === load) ? members : members.filter((other) => loadOf(other) === load);
}

function stayingIn<M extends Candidate>(tiers: readonly Tier<M>[], id: string): M | undefined {
  for (const { members, why } of tiers) {
    const found = why === 'ejected' ? undefined : members.find((member) => member.id === id);
    if (found) return found;
  }
  return undefined;
}

/** Members that are as good as each other but for the balance; `why` where it is not the balance that says so. */
type Tier<M> = { readonly members: readonly M[]; readonly why: Why | undefined };

/** The best first; none is empty. */
function tiersOf<M extends Candidate>(members: readonly M[], standingOf: StandingOf<M>): Tier<M>[] {
  const places = members.map((member) => tierOf(standingOf(member), member.isBackup));
  const [first = whyOfTier.length] = places;
  // Nearly always.
  if (places.every((place) => place === first)) {
    return first < whyOfTier.length ? [{ members, why: whyOfTier[first] }] : [];
  }
  const tiers = whyOfTier.map((why, place) => ({ members: members.filter((_, at) => places[at] === place), why }));
  return tiers.filter((tier) => tier.members.length > 0);
}

const whyOfTier = [
  ...([undefined, 'busy', 'backup', 'backup'] as const),
  ...(['ejected', 'ejected', 'ejected', 'ejected'] as const),
] as const;

/** A place in `whyOfTier`; beyond it for who is not asked. */
function tierOf(standing: Standing, isBackup: boolean): number {
  switch (standing) {
    case 'free':
      return isBackup ? 2 : 0;
    case 'busy':
      return isBackup ? 3 : 1;
    case 'ejected':
      return isBackup ? 5 : 4;
    case 'ejected-busy':
      return isBackup ? 7 : 6;
    case 'full':
    case 'sick':
      return whyOfTier.length;
  }
}

type Preference<M> = {
  readonly sorted: readonly M[];
  readonly why: Why;
  /** Where turns decide: among whom this is the same. */
  readonly loadOf?: (member: M) => number;
};

function preference<M extends Candidate>(members: readonly M[], ask: Ask): Preference<M> {
  switch (ask.balance) {
    case 'round-robin':
      return { sorted: byTurn(members), why: 'turn', loadOf: () => 0 };
    case 'random':
      return { sorted: shuffled(members, ask.random), why: 'random' };
    case 'least-connections':
      return byLoad(members, 'fewest', relativeLoad);
    case 'peak-ewma':
      return byLoad(members, 'fastest', ({ peak, inFlight, share }) => costOf(peak, inFlight, ask.now) / share);
    case 'two-choices':
      return { sorted: lessBusyFirst(shuffled(members, ask.random)), why: 'less-busy' };
    case 'hash':
      return { sorted: byRendezvous(members, ask.key), why: 'hash' };
    case 'fallback':
      return { sorted: members, why: 'first' };
  }
}

function relativeLoad({ inFlight, share }: Candidate): number {
  return inFlight / share;
}

/** In turn among equals, or an idle upstream would ask its first member alone. */
function byLoad<M extends Candidate>(members: readonly M[], why: Why, loadOf: (member: M) => number): Preference<M> {
  return { sorted: byTurn(members).sort((a, b) => loadOf(a) - loadOf(b)), why, loadOf };
}

/** Each place by chance among those that are left, by weight. */
function shuffled<M extends Candidate>(members: readonly M[], random: () => number): M[] {
  const left = [...members];
  const taken: M[] = [];
  while (left.length > 0) taken.push(...left.splice(drawn(left, random()), 1));
  return taken;
}

function drawn(members: readonly Candidate[], chance: number): number {
  let rest = 0;
  for (const { share } of members) rest += share;
  rest *= chance;
  const at = members.findIndex(({ share }) => {
    rest -= share;
    return rest < 0;
  });
  // Rounding may leave a last crumb.
  return at < 0 ? members.length - 1 : at;
}

function lessBusyFirst<M extends Candidate>([first, second, ...others]: readonly M[]): M[] {
  if (first === undefined) return [];
  if (second === undefined) return [first];
  return relativeLoad(second) < relativeLoad(first) ? [second, first, ...others] : [first, second, ...others];
}
