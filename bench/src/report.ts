/** Makes the tables that people read out of what was measured. */
import { median, ratioOf } from './figures.ts';
import type { Outcome, Plan, Round, Side } from './measure.ts';
import { quickFactor } from './pairs.ts';
import { type Cell, markdownTable } from './table.ts';

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

export type Report = { readonly outcomes: readonly Outcome[]; readonly plan: Plan; readonly machine: Machine };

const none = '–';

/** The whole report, in Markdown. */
export function report({ outcomes, plan, machine }: Report): string {
  const remarks = problems(outcomes).map((problem) => `- ${problem}`);
  const parts = [method(plan), machineLine(machine), cpuTable(outcomes), speedTable(outcomes)];
  return `${[...parts, ...(remarks.length > 0 ? [remarks.join('\n')] : [])].join('\n\n')}\n`;
}

/** How it was measured, in a paragraph. */
export function method({ requests, rounds, connections, warmUp }: Plan): string {
  return `CPU time per request of each tier beside its peer, lower is better: user and system time of all processes of a
server, ended children included, from \`/proc/<pid>/stat\` before and after ${requests} requests (${quickFactor} times as many for hits,
files and floors, which would otherwise be over within a few clock ticks), divided by the requests that were answered as
expected. Both servers of a row are up at once and are asked in turn, ${rounds} rounds after a warm-up of ${warmUp} or more; a
figure is the median of the rounds, the ratio is the median of the rounds' ratios, in brackets the least and the most.
Answers of 1 KiB, ${connections} connections, one request at a time on each, kept alive except where the row or the server closes
them (Gunicorn's sync worker closes each after one answer); the load comes from another process on the same machine. Each
server has one worker except where the row says so, and no server writes an access log (tiers: \`LOG_LEVEL=warn\`; nginx:
\`access_log off\`; Gunicorn: its default; Varnish: no \`varnishncsa\`, its log in shared memory cannot be turned off). nginx
keeps files open (\`open_file_cache\`) and connections to the origin alive. The edge and Varnish have the same origin
behind them, so have the front and nginx. \`npm run bench -- --write docs/performance.md\` makes this page anew.`;
}

function machineLine({ cores, model, system, node, load, peers }: Machine): string {
  const cpu = `${cores} ${cores === 1 ? 'core' : 'cores'} (${model})`;
  return `Machine: ${cpu}, ${system}, Node ${node}, load average ${load.toFixed(2)} at the start. Peers: ${peers.join(', ') || 'none'}.`;
}

function cpuTable(outcomes: readonly Outcome[]): string {
  const header = ['what', 'ours µs CPU/request', 'peer µs', 'ratio', 'ours p99', 'peer p99'];
  const rows = outcomes.map(({ what, ours, peer }): Cell[] => [
    beside(what, peer),
    figure(ours, 'cpuUs', microseconds),
    figure(peer, 'cpuUs', microseconds),
    ratio(ours, peer),
    figure(ours, 'p99Ms', milliseconds),
    figure(peer, 'p99Ms', milliseconds),
  ]);
  return markdownTable(header, rows);
}

function speedTable(outcomes: readonly Outcome[]): string {
  const header = ['what', 'ours requests/s', 'peer requests/s', 'ours p50', 'peer p50'];
  const rows = outcomes.map(({ what, ours, peer }): Cell[] => [
    beside(what, peer),
    figure(ours, 'perSecond', whole),
    figure(peer, 'perSecond', whole),
    figure(ours, 'p50Ms', milliseconds),
    figure(peer, 'p50Ms', milliseconds),
  ]);
  return markdownTable(header, rows);
}

/** What is missing and what went wrong, one sentence each. */
export function problems(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ what, ours, peer }) =>
    [ours, peer].flatMap((side) => {
      if (side === undefined) return [];
      const wrong = Object.entries(side.wrong).map(([kind, times]) => `${kind}: ${times}`);
      const answers = wrong.length > 0 ? [`${what}: ${side.name} gave other answers (${wrong.join(', ')})`] : [];
      return side.missing === undefined ? answers : [`${what}: not measured, ${side.missing}`, ...answers];
    }),
  );
}

function beside(what: string, peer: Side | undefined): string {
  return peer ? `${what} / ${peer.name}` : what;
}

function figure(side: Side | undefined, name: keyof Round, write: (value: number) => string): string {
  if (side === undefined || side.rounds.length === 0) return none;
  return write(median(side.rounds.map((round) => round[name])));
}

function ratio(ours: Side, peer: Side | undefined): string {
  if (!peer || ours.rounds.length === 0 || peer.rounds.length === 0) return none;
  const cpu = ({ rounds }: Side) => rounds.map(({ cpuUs }) => cpuUs);
  const { median: middle, least, most } = ratioOf(cpu(ours), cpu(peer));
  return `${middle.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
}

const microseconds = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
const milliseconds = (value: number): string => `${value.toFixed(2)} ms`;
const whole = (value: number): string => value.toFixed(0);
