/** What the bans of a running edge have of the process: its timers and its metrics. */
import type { Metrics } from '@trivet/kit/process/metrics.ts';
import type { BanList } from './machine/ban-list.ts';
import type { Counters } from './machine/counters.ts';
import type { LurkerPace } from './machine/lurker.ts';

/** The pace of the clock on the wall. A process that has nothing else to do ends all the same. */
export const lurkerPace: LurkerPace = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return { callOff: () => clearTimeout(timer) };
  },
  stopwatch: () => performance.now(),
};

/** How many bans there are, and what testing them comes to. */
export function measureBans(bans: BanList, counters: Counters, metrics: Metrics): void {
  metrics.gauge('trivet_bans', 'Bans in force.', () => bans.size, 'max');
  metrics.gauge(
    'trivet_bans_of_requests',
    'Bans in force that ask for request fields.',
    () => bans.stats().needRequest,
    'max',
  );
  const totals = [
    [
      'trivet_bans_superseded_total',
      'Bans that ended because the same was given again.',
      () => bans.stats().superseded,
      'max',
    ],
    ['trivet_ban_tests_total', 'Tests of a response against a ban.', () => bans.stats().tests, 'sum'],
    ['trivet_ban_failures_total', 'Such tests that failed.', () => bans.stats().failures, 'sum'],
    ['trivet_banned_total', 'Stored responses that a ban took.', () => counters.banned, 'sum'],
  ] as const;
  for (const [name, help, read, across] of totals) metrics.counter(name, help, read, across);
}
