/** Which member gets a request: asks the balance, and lets those take their turn that it decided among. */
import { type Ask, choose, order, type Standing } from './balance.ts';
import type { Member } from './member.ts';
import type { Settings } from './options.ts';
import { afterPick } from './smooth.ts';

/** What of a request decides who gets it. */
export type Wish = { readonly target: string; readonly hashKey?: string; readonly stickyTo?: string | undefined };

/** A request that looks for a member, besides those that had it. */
export type Seeker = { readonly wish: Wish; readonly tried: readonly Member[] };

/**
 * The next to be asked; undefined: nobody can be. One without a free connection is to be waited for: nobody has had a
 * turn then.
 */
export function chooseMember(
  members: readonly Member[],
  { wish, tried }: Seeker,
  settings: Settings,
  standingOf: (member: Member) => Standing,
): Member | undefined {
  const { balance, random, clock } = settings;
  const { stickyTo } = wish;
  const left = tried.length === 0 ? members : members.filter((member) => !tried.includes(member));
  const now = balance === 'peak-ewma' ? clock() : 0;
  const ask = { balance, key: wish.hashKey ?? wish.target, stickyTo, now, random };
  const choice = choose(left, standingOf, ask);
  if (!choice?.member.slots.isFree) return choice?.member;
  takeTurn(choice.inTurn, choice.member);
  choice.member.condition.chosen();
  return choice.member;
}

/** All that may be asked, the best first, for what is no request: it may have no key, and waits in no queue. */
export function rankMembers(members: readonly Member[], wish: Partial<Wish>, settings: Settings): Member[] {
  const { random, clock } = settings;
  const key = wish.hashKey ?? wish.target;
  const balance = settings.balance === 'hash' && key === undefined ? 'random' : settings.balance;
  const ask: Ask = { balance, key: key ?? '', stickyTo: wish.stickyTo, now: clock(), random };
  const standingOf = ({ standing }: Member) => (standing === 'full' ? 'busy' : standing);
  const ranked = order(members, standingOf, ask).map(({ member }) => member);
  const choice = choose(members, standingOf, ask);
  if (choice) takeTurn(choice.inTurn, choice.member);
  return ranked;
}

function takeTurn(members: readonly Member[], picked: Member): void {
  const turns = afterPick(members, picked);
  for (const [at, turn] of turns.entries()) members[at]?.merit.took(turn);
}
