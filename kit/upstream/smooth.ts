/**
 * Smooth weighted round robin, exactly as nginx has it (`ngx_http_upstream_get_peer`): at each pick the effective weight
 * of all is added to what they have, who has most is taken, and pays the total. Pure.
 */

/** What is remembered of a member between two picks. */
export type Turn = {
  /** What it has; the sum over all members is 0. */
  readonly current: number;
  /** By how much failures made its effective weight less than its own. */
  readonly lowered: number;
};

/** Never picked, never failed. */
export const firstTurn: Turn = { current: 0, lowered: 0 };

/** Who takes part. `weight`: its own; `share`: what that is now, less while it starts slowly. */
export type Taker = { readonly turn: Turn; readonly weight: number; readonly share: number };

/** The members in the order of their turns; among equals, as they were given. */
export function byTurn<M extends Taker>(members: readonly M[]): M[] {
  return members.toSorted((a, b) => standing(b) - standing(a));
}

/** The turns behind a pick of one of those that took part, in their order. */
export function afterPick<M extends Taker>(members: readonly M[], picked: M): Turn[] {
  let total = 0;
  for (const member of members) total += effective(member);
  return members.map((member) => ({
    current: standing(member) - (member === picked ? total : 0),
    lowered: Math.max(0, loweredOf(member) - 1),
  }));
}

/** The turn behind a failure: a whole part of the weight less, down to nothing, won back by one at each later pick. */
export function afterFail(turn: Turn, weight: number, maxFails: number): Turn {
  return { ...turn, lowered: Math.min(weight, turn.lowered + Math.floor(weight / maxFails)) };
}

function standing(member: Taker): number {
  return member.turn.current + effective(member);
}

function effective(member: Taker): number {
  return Math.min(member.share, member.weight - loweredOf(member));
}

/** The weight may have become less since. */
function loweredOf({ turn, weight }: Taker): number {
  return Math.min(turn.lowered, weight);
}
