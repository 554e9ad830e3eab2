/** Makes the page that people read out of what was measured. */
import type { Claim } from './claim.ts';
import { median } from './figures.ts';
import { cpuRatio, isReached } from './goals.ts';
import type { Outcome, Plan } from './measure.ts';
import { method } from './method.ts';
import type { Round, Side } from './side.ts';
import { type Cell, markdownTable } from './table.ts';
import { microseconds, milliseconds, whole } from './units.ts';

export type Machine = {
  readonly cores: number;
  readonly model: string;
  readonly system: string;
  readonly node: string;
  /** Processes that wanted a core while the bench began, on average over a minute. */
  readonly load: number;
  /** `nginx 1.22.1`, …: those that are installed. */
  readonly peers: readonly string[];
};

export type Report = {
  readonly outcomes: readonly Outcome[];
  readonly claims: readonly Claim[];
  readonly plan: Plan;
  readonly machine: Machine;
  readonly isPinned: boolean;
  /** The file of the chart, from where the page is; without one there is none. */
  readonly chart?: string;
};

const none = '–';
/** Over the chart, and instead of it where it cannot be seen. */
export const chartTitle = 'CPU time per request, ours beside the peer';

/** The whole report, in Markdown. */
export function report({ outcomes, claims, plan, machine, isPinned, chart }: Report): string {
  const remarks = problems(outcomes).map((problem) => `- ${problem}`);
  const parts = [
    method(plan, isPinned),
    machineLine(machine),
    ...(chart === undefined ? [] : [`![${chartTitle}](${chart})`]),
    ...(outcomes.length > 0 ? [cpuTable(outcomes), speedTable(outcomes)] : []),
    ...(claims.length > 0 ? [claimsTable(claims)] : []),
    ...(remarks.length > 0 ? [remarks.join('\n')] : []),
  ];
  return `${parts.join('\n\n')}\n`;
}

function machineLine({ cores, model, system, node, load, peers }: Machine): string {
  const cpu = `${cores} ${cores === 1 ? 'core' : 'cores'} (${model})`;
  return `Machine: ${cpu}, ${system}, Node ${node}, load average ${load.toFixed(2)} at the start. Peers: ${peers.join(', ') || 'none'}.`;
}

function cpuTable(outcomes: readonly Outcome[]): string {
  const header = ['what', 'ours µs CPU/request', 'peer µs', 'ratio', 'goal', 'reached'];
  const rows = outcomes.map((outcome): Cell[] => [
    beside(outcome),
    figure(outcome.ours, 'cpuUs', microseconds),
    figure(outcome.peer, 'cpuUs', microseconds),
    ratio(outcome),
    outcome.goal === undefined ? none : `≤ ${outcome.goal}`,
    yesOrNo(isReached(outcome)),
  ]);
  return markdownTable(header, rows);
}

function speedTable(outcomes: readonly Outcome[]): string {
  const header = ['what', 'ours requests/s', 'peer requests/s', 'ours p50', 'peer p50', 'ours p99', 'peer p99'];
  const rows = outcomes.map((outcome): Cell[] => {
    const { ours, peer } = outcome;
    return [
      beside(outcome),
      figure(ours, 'perSecond', whole),
      figure(peer, 'perSecond', whole),
      figure(ours, 'p50Ms', milliseconds),
      figure(peer, 'p50Ms', milliseconds),
      figure(ours, 'p99Ms', milliseconds),
      figure(peer, 'p99Ms', milliseconds),
    ];
  });
  return markdownTable(header, rows);
}

function claimsTable(claims: readonly Claim[]): string {
  const rows = claims.map(({ what, seen, goal = none, isReached: reached }) => [what, seen, goal, yesOrNo(reached)]);
  return markdownTable(['what', 'seen', 'goal', 'reached'], rows);
}

/** What is missing and what went wrong, one sentence each, and none twice. */
export function problems(outcomes: readonly Outcome[]): string[] {
  const sentences = outcomes.flatMap(({ what, ours, peer }) =>
    [ours, peer].flatMap((side) => {
      if (side === undefined) return [];
      const wrong = Object.entries(side.wrong).map(([kind, times]) => `${kind}: ${times}`);
      const answers = wrong.length > 0 ? [`${what}: ${side.name} gave other answers (${wrong.join(', ')})`] : [];
      return side.missing === undefined ? answers : [`${what}: not measured, ${side.missing}`, ...answers];
    }),
  );
  return [...new Set(sentences)];
}

/** A row's name: what is measured, and beside whom. */
export function beside({ what, peer }: Outcome): string {
  return peer ? `${what} / ${peer.name}` : what;
}

function figure(side: Side | undefined, name: keyof Round, write: (value: number) => string): string {
  if (side === undefined || side.rounds.length === 0) return none;
  return write(median(side.rounds.map((round) => round[name])));
}

function ratio(outcome: Outcome): string {
  const seen = cpuRatio(outcome);
  if (seen === undefined) return none;
  return `${seen.median.toFixed(2)} (${seen.least.toFixed(2)}–${seen.most.toFixed(2)})`;
}

function yesOrNo(reached: boolean | undefined): string {
  if (reached === undefined) return none;
  return reached ? 'yes' : '**no**';
}
