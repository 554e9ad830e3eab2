/**
 * Varnish's judgement of a backend by its probes: of the last `window` probes at least `threshold` were good. Pure; who
 * probes, and when, is `prober.ts`.
 */

export type WindowRule = {
  /** How many of the last probes count, 1 to 64. */
  readonly window: number;
  /** How many of those must have been good. */
  readonly threshold: number;
};

/** The last probes, newest last: 1 for each that was good. At most 64 are kept, whatever the window is. */
export type ProbeWindow = { readonly happy: string; readonly isHealthy: boolean };

/** What a probe changed, in the words of Varnish's log. */
export type ProbeVerdict = 'still healthy' | 'back healthy' | 'still sick' | 'went sick';

/** Most probes that are remembered, as many as Varnish's bitmap holds. */
export const longestWindow = 64;

/** Before any probe: as if `initial` good ones had been made. */
export function windowAtStart(rule: WindowRule, initial: number): ProbeWindow {
  return judged('1'.repeat(Math.min(initial, rule.threshold)), rule);
}

/** The window after one more probe. */
export function afterProbe(before: ProbeWindow, isGood: boolean, rule: WindowRule): ProbeWindow {
  return judged(`${before.happy}${isGood ? 1 : 0}`.slice(-longestWindow), rule);
}

/** The same probes, judged by another rule. */
export function judgedAnew({ happy }: ProbeWindow, rule: WindowRule): ProbeWindow {
  return judged(happy, rule);
}

/** From one window to the next, in a word. */
export function probeVerdict(before: ProbeWindow, after: ProbeWindow): ProbeVerdict {
  if (after.isHealthy) return before.isHealthy ? 'still healthy' : 'back healthy';
  return before.isHealthy ? 'went sick' : 'still sick';
}

/** The probes that count, as `backend.list -p` shows them: `11110111`, newest last, 0 where none was made yet. */
export function windowText({ happy }: ProbeWindow, { window }: WindowRule): string {
  return happy.slice(-window).padStart(window, '0');
}

function judged(happy: string, { window, threshold }: WindowRule): ProbeWindow {
  const good = happy.slice(-window).replaceAll('0', '').length;
  return { happy, isHealthy: good >= threshold };
}
