/**
 * What is to be done about the processes of the app, decided from what they are: who is missing is started, who is outdated
 * is replaced one by one, and only once who replaces it is ready. Pure: plain data and `now` in, actions out.
 */

/** One process. Its place is from 1 on; two are at one place while one of them replaces the other. */
export type WorkerView = {
  readonly id: number;
  readonly place: number;
  /** Of the code that it has read; each reload makes another. */
  readonly generation: number;
  /** `leaving`: gets no more requests, finishes those it has. `ending`: was told to end. */
  readonly state: 'starting' | 'ready' | 'leaving' | 'ending';
  /** When it came to that state, milliseconds. */
  readonly since: number;
  /** Requests on their way to one that is leaving. */
  readonly inFlight: number;
};

export type GroupView = {
  readonly workers: readonly WorkerView[];
  /** For each place: nobody is started there before (milliseconds). */
  readonly notBefore: readonly number[];
  /** Of the code as it is now. */
  readonly generation: number;
  /** How many processes in a row ended, with the code as it is now, before they were ready. */
  readonly failedBoots: number;
};

/** Milliseconds. */
export type PlanLimits = { readonly startupMs: number; readonly gracefulMs: number };

export type Action =
  | { readonly do: 'start'; readonly place: number; readonly why: 'missing' | 'reload' }
  /** Takes it off the list: it gets no more requests. */
  | { readonly do: 'retire'; readonly id: number; readonly why: 'replaced' }
  /** SIGTERM. */
  | { readonly do: 'end'; readonly id: number; readonly why: 'idle' | 'graceful-timeout' }
  | { readonly do: 'kill'; readonly id: number; readonly why: 'startup-timeout' | 'outdated' | 'does-not-end' }
  /** Nothing more is to be done before; absent where only an event can change anything. */
  | { readonly do: 'wait'; readonly until: number };

/** So many failed boots in a row, and the reload stops; who serves goes on. */
export const mostFailedBoots = 2;

/** Beyond what a process has for its last requests: it closes what it opened, too. */
const slackMs = 10_000;

/** Has the code as it is now been given up? Whoever has the code of before is kept, until the next reload. */
export function isHeld({ failedBoots }: Pick<GroupView, 'failedBoots'>): boolean {
  return failedBoots >= mostFailedBoots;
}

/** Has every place somebody with the code as it is now, and nobody else? */
export function isSettled(group: GroupView): boolean {
  return [...group.notBefore.keys()].every((index) => {
    const here = group.workers.filter(({ place, state }) => place === index + 1 && state === 'ready');
    return here.length === 1 && here[0]?.generation === group.generation;
  });
}

/** Everything that is to be done now, and until when nothing more is. */
export function plan(group: GroupView, limits: PlanLimits, now: number): Action[] {
  const actions: Action[] = [];
  let until = Number.POSITIVE_INFINITY;
  const at = (when: number, action: Action) => {
    if (when <= now) actions.push(action);
    else until = Math.min(until, when);
  };
  for (const worker of group.workers) overdue(worker, group, limits, at);
  for (const [index, notBefore] of group.notBefore.entries()) {
    if (needAt(index + 1, group) === 'missing') at(notBefore, { do: 'start', place: index + 1, why: 'missing' });
    actions.push(...relievedAt(index + 1, group));
  }
  const next = nextToRelieve(group);
  if (next > 0) at(group.notBefore[next - 1] ?? 0, { do: 'start', place: next, why: 'reload' });
  return Number.isFinite(until) ? [...actions, { do: 'wait', until }] : actions;
}

function relievedAt(place: number, group: GroupView): Action[] {
  if (needAt(place, group) !== 'relieved') return [];
  return outdatedAt(place, group).map(({ id }) => ({ do: 'retire', id, why: 'replaced' }));
}

/** The place where somebody is to be started so that another one can go, one at a time; 0: nowhere now. */
function nextToRelieve(group: GroupView): number {
  if (isHeld(group) || group.workers.some((worker) => isRelief(worker, group))) return 0;
  return 1 + group.notBefore.findIndex((_, index) => needAt(index + 1, group) === 'outdated');
}

/** What time, or another code, makes of one process. */
function overdue(
  worker: WorkerView,
  { generation }: GroupView,
  { startupMs, gracefulMs }: PlanLimits,
  at: (when: number, action: Action) => void,
): void {
  const { id, state, since } = worker;
  switch (state) {
    case 'starting':
      // It may have read the code of before, or half of it.
      if (worker.generation !== generation) return at(0, { do: 'kill', id, why: 'outdated' });
      return at(since + startupMs, { do: 'kill', id, why: 'startup-timeout' });
    case 'leaving':
      if (worker.inFlight === 0) return at(0, { do: 'end', id, why: 'idle' });
      return at(since + gracefulMs, { do: 'end', id, why: 'graceful-timeout' });
    case 'ending':
      return at(since + gracefulMs + slackMs, { do: 'kill', id, why: 'does-not-end' });
    case 'ready':
      return;
  }
}

/** Is it there so that another one can go? One at a time, and until one that did not come up is gone. */
function isRelief({ state, place, generation }: WorkerView, group: GroupView): boolean {
  const isOnItsWay = state === 'starting' || state === 'ending';
  return isOnItsWay && generation === group.generation && outdatedAt(place, group).length > 0;
}

function needAt(place: number, group: GroupView): 'missing' | 'outdated' | 'relieved' | 'nothing' {
  const { workers, generation } = group;
  const isCurrent = (worker: WorkerView) => worker.place === place && worker.generation === generation;
  const hasReady = workers.some((worker) => isCurrent(worker) && worker.state === 'ready');
  const hasOutdated = outdatedAt(place, group).length > 0;
  if (hasReady) return hasOutdated ? 'relieved' : 'nothing';
  // One that did not come up in time keeps its place until it is gone: then it is known when another may be started.
  if (workers.some((worker) => isCurrent(worker) && worker.state !== 'leaving')) return 'nothing';
  return hasOutdated ? 'outdated' : 'missing';
}

/** Those that serve at a place with a code of before. */
function outdatedAt(place: number, { workers, generation }: GroupView): WorkerView[] {
  return workers.filter(
    (worker) => worker.place === place && worker.generation !== generation && worker.state === 'ready',
  );
}
