/** What the primary process of several workers tells of them: are they ready, what have they counted. */
import type { Crew } from './crew.ts';
import { type Telling, tellingOf } from './fan-out.ts';
import type { ForMany } from './for-many.ts';
import { isRecord, merged } from './merge.ts';

/** Ready when every worker is. */
export async function readiness(crew: Crew): Promise<true | string> {
  if (crew.isDraining) return 'draining';
  const { hands } = crew;
  const ready = crew.arbiter.readiness;
  if (ready !== true) return ready;
  const answers = await tellingOf(hands, '/ready', 503);
  for (const hand of hands) {
    const told = answers.find((answer) => answer.hand === hand)?.told;
    // It may have gone since, another having its place.
    if (!isRecord(told) && !crew.hands.some(({ pid }) => pid === hand.pid)) continue;
    if (!isRecord(told)) return `worker ${hand.number} does not answer`;
    if (told.ready !== true) return `worker ${hand.number}: ${told.why}`;
  }
  return true;
}

/** Their statistics as those of one; `isSupervised`: with what the arbiter knows of each. */
export async function statsOf(crew: Crew, many: ForMany, isSupervised: boolean): Promise<object> {
  const { stats: rules = {}, ownStats } = many;
  const answers = await tellingOf(crew.hands, '/stats');
  const rss = process.memoryUsage.rss();
  const parts = [...answers.map(({ told }) => (isRecord(told) ? rest(told) : {})), { rssBytes: rss, ...ownStats?.() }];
  const all = merged(parts, rules);
  const workers = isSupervised ? supervised(crew, answers) : answers.map(few);
  const arbiter = isSupervised ? { arbiter: crew.arbiter.stats } : {};
  return { ...(isRecord(all) ? all : {}), workers, ...arbiter, replaced: crew.replaced };
}

/** What is told of each worker. */
function few({ hand, told }: Telling): object {
  const worker = hand.number;
  if (!isRecord(told)) return { worker };
  const { pid, uptimeSeconds, rssBytes, connections } = told;
  return { worker, pid, uptimeSeconds, rssBytes, connections };
}

/** Of all that there are, serving or not; what one cannot say now is null. */
function supervised(crew: Crew, answers: readonly Telling[]): object[] {
  return crew.arbiter.rows.map(({ worker, pid, state, ageSeconds, generation, tired }) => {
    const told = answers.find(({ hand }) => hand.pid === pid)?.told;
    const [own] = isRecord(told) && Array.isArray(told.workers) ? (told.workers as unknown[]) : [];
    const { requests = null, rssBytes = null } = isRecord(own) ? own : {};
    return { pid, state, ageSeconds, requests, rssBytes, generation, ...(tired && { tired }), worker };
  });
}

function rest({ tier: _tier, pid: _pid, uptimeSeconds: _uptime, ...others }: Record<string, unknown>) {
  return others;
}
