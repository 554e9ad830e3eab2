/**
 * What is to be done about the processes of a group, decided from what they are: who is missing is started, who is outdated
 * or tired is replaced one by one, and only once who replaces it is ready. Pure: plain data and `now` in, actions out.
 */

/** Why one had better be replaced, though it serves. `timeout`: it hangs, and is not waited for. */
export type Tired = 'max-requests' | 'max-age' | 'max-rss' | 'timeout' | 'asked';

/**
 * `leaving`: gets no more requests, finishes those it has. `hung`: was told to say where it hangs. `ending`: was told to
 * end. `gone`: has ended, and its last words are being read.
 */
export type MemberState = 'starting' | 'ready' | 'leaving' | 'hung' | 'ending' | 'gone';

/** One process. Its place is from 1 on; two are at one place while one of them replaces the other. */
export type MemberView = {
  readonly id: number;
  readonly place: number;
  /** Of the code that it has read; each reload makes another. */
  readonly generation: number;
  readonly state: MemberState;
  /** When it came to that state, milliseconds. */
  readonly since: number;
  /** Was it ever ready? */
  readonly hasServed: boolean;
  /** Requests on their way to one that is leaving. */
  readonly inFlight: number;
  readonly tired?: Tired | undefined;
};

export type GroupView = {
  readonly members: readonly MemberView[];
  /** How many are to serve: one at each place from 1 to this. */
  readonly wanted: number;
  /** For each place: nobody is started there before (milliseconds). */
  readonly notBefore: readonly number[];
  /** Of the code as it is now. */
  readonly generation: number;
  /** How many processes in a row ended, with the code as it is now, before they were ready. */
  readonly failedBoots: number;
  /** When the last of them did, milliseconds. */
  readonly lastFall: number;
};

/** Milliseconds. */
export type PlanLimits = { readonly startupMs: number; readonly gracefulMs: number };

export type Action =
  | { readonly do: 'start'; readonly place: number; readonly why: 'missing' | 'reload' | Tired }
  /** Takes it off the list: it gets no more requests. */
  | { readonly do: 'retire'; readonly id: number; readonly why: 'reload' | 'resize' | Tired }
  /** SIGABRT: it is to say where it hangs. */
  | { readonly do: 'dump'; readonly id: number; readonly why: 'timeout' }
  /** SIGTERM. */
  | { readonly do: 'end'; readonly id: number; readonly why: 'idle' | 'graceful-timeout' | 'timeout' }
  | {
      readonly do: 'kill';
      readonly id: number;
      readonly why: 'startup-timeout' | 'outdated' | 'resize' | 'does-not-end';
    }
  /** Nothing more is to be done before; absent where only an event can change anything. */
  | { readonly do: 'wait'; readonly until: number };

/** So many failed boots in a row, and the reload stops; who serves goes on. */
export const mostFailedBoots = 2;
/** So many failed boots in a row for each place, and nobody believes in the next: one is tried now and then. */
export const hopelessBoots = 5;
/** Between two tries where there is no hope. */
export const rareMs = 60_000;

/** Beyond what a process has for its last requests: it closes what it opened, too. */
const slackMs = 10_000;
/** What one that hangs has to say where, and again to end. */
const lastWordsMs = 1_000;

type At = (when: number, action: Action) => void;

/** Has the code as it is now been given up? Whoever has the code of before is kept, until the next reload. */
export function isHeld({ failedBoots }: Pick<GroupView, 'failedBoots'>): boolean {
  return failedBoots >= mostFailedBoots;
}

/** Does it fall wherever it is started, and never come up? Then it is tried rarely, one at a time. */
export function isHopeless({ failedBoots, wanted }: Pick<GroupView, 'failedBoots' | 'wanted'>): boolean {
  return failedBoots >= hopelessBoots * wanted;
}

/** Has every place somebody with the code as it is now, and nobody else? */
export function isSettled({ members, wanted, generation }: GroupView): boolean {
  const ready = members.filter(({ state }) => state === 'ready');
  const isAlone = (place: number) => ready.filter((member) => member.place === place).length === 1;
  return (
    ready.length === wanted &&
    ready.every((member) => member.generation === generation) &&
    placesOf(wanted).every(isAlone)
  );
}

/** Everything that is to be done now, and until when nothing more is. */
export function plan(group: GroupView, limits: PlanLimits, now: number): Action[] {
  const actions: Action[] = [];
  let until = Number.POSITIVE_INFINITY;
  const at: At = (when, action) => {
    if (when <= now) actions.push(action);
    else until = Math.min(until, when);
  };
  for (const member of group.members) overdue(member, group, limits, at);
  startMissing(group, at);
  for (const place of placesOf(group.wanted)) actions.push(...relievedAt(place, group));
  relieve(group, at);
  return Number.isFinite(until) ? [...actions, { do: 'wait', until }] : actions;
}

function placesOf(wanted: number): readonly number[] {
  return Array.from({ length: wanted }, (_, index) => index + 1);
}

function startMissing(group: GroupView, at: At): void {
  const isRare = isHopeless(group);
  let isTried = group.members.some(({ state }) => state === 'starting');
  for (const place of placesOf(group.wanted)) {
    if (needAt(place, group) !== 'missing' || (isRare && isTried)) continue;
    at(notBefore(place, group, isRare), { do: 'start', place, why: 'missing' });
    isTried = true;
  }
}

function notBefore(place: number, group: GroupView, isRare: boolean): number {
  return Math.max(group.notBefore[place - 1] ?? 0, isRare ? group.lastFall + rareMs : 0);
}

function relievedAt(place: number, group: GroupView): Action[] {
  if (needAt(place, group) !== 'relieved') return [];
  return wornAt(place, group).map(({ id, tired, generation }) => {
    const why = generation === group.generation && tired !== undefined ? tired : 'reload';
    return { do: 'retire', id, why };
  });
}

/** Starts somebody so that another one can go, one at a time. */
function relieve(group: GroupView, at: At): void {
  if (group.members.some((member) => isRelief(member, group))) return;
  const isGivenUp = isHeld(group);
  for (const place of placesOf(group.wanted)) {
    if (needAt(place, group) !== 'worn') continue;
    const tired = wornAt(place, group).find(({ generation }) => generation === group.generation)?.tired;
    // What has the code of before is kept; who is only tired may be replaced when the code is better again.
    if (isGivenUp && tired === undefined) continue;
    return at(notBefore(place, group, isGivenUp), { do: 'start', place, why: tired ?? 'reload' });
  }
}

/** What time, another code, or another number of them makes of one process. */
function overdue(member: MemberView, group: GroupView, limits: PlanLimits, at: At): void {
  const { id, state, since, tired } = member;
  if (tired === 'timeout' && (state === 'ready' || state === 'leaving')) return at(0, { do: 'dump', id, why: tired });
  switch (state) {
    case 'starting':
      return doomed(member, group, limits, at);
    case 'ready':
      return member.place > group.wanted ? at(0, { do: 'retire', id, why: 'resize' }) : undefined;
    case 'leaving':
      if (member.inFlight === 0) return at(0, { do: 'end', id, why: 'idle' });
      return at(since + limits.gracefulMs, { do: 'end', id, why: 'graceful-timeout' });
    case 'hung':
      return at(since + lastWordsMs, { do: 'end', id, why: 'timeout' });
    case 'ending':
      return at(since + (tired === 'timeout' ? lastWordsMs : limits.gracefulMs + slackMs), {
        do: 'kill',
        id,
        why: 'does-not-end',
      });
    case 'gone':
      return;
  }
}

/** One that is not up yet, and has so long to come up. */
function doomed(
  { id, place, generation, since }: MemberView,
  group: GroupView,
  { startupMs }: PlanLimits,
  at: At,
): void {
  if (place > group.wanted) return at(0, { do: 'kill', id, why: 'resize' });
  // It may have read the code of before, or half of it.
  if (generation !== group.generation) return at(0, { do: 'kill', id, why: 'outdated' });
  return at(since + startupMs, { do: 'kill', id, why: 'startup-timeout' });
}

/** Is it there so that another one can go? One at a time, and until one that did not come up is gone. */
function isRelief(member: MemberView, group: GroupView): boolean {
  return isOnItsWay(member) && member.generation === group.generation && wornAt(member.place, group).length > 0;
}

/** Starting, or one that did not come up and is not yet gone: then it is known when another may be started. */
function isOnItsWay({ state, hasServed }: MemberView): boolean {
  return !hasServed && state !== 'ready' && state !== 'leaving';
}

function needAt(place: number, group: GroupView): 'missing' | 'worn' | 'relieved' | 'nothing' {
  const here = group.members.filter((member) => member.place === place && member.generation === group.generation);
  const hasFresh = here.some(({ state, tired }) => state === 'ready' && tired === undefined);
  const hasWorn = wornAt(place, group).length > 0;
  if (hasFresh) return hasWorn ? 'relieved' : 'nothing';
  if (here.some((member) => isOnItsWay(member) || (member.state === 'gone' && !hasWorn))) return 'nothing';
  return hasWorn ? 'worn' : 'missing';
}

/** Those that serve at a place with a code of before, or tired. */
function wornAt(place: number, { members, generation }: GroupView): MemberView[] {
  return members.filter(
    (member) =>
      member.place === place &&
      member.state === 'ready' &&
      member.tired !== 'timeout' &&
      (member.generation !== generation || member.tired !== undefined),
  );
}
