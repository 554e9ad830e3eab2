/** Measures a pair: both servers up at once, asked in turn, so that what happens on the machine happens to both. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contender, Place } from './contender.ts';
import type { LoadGenerator } from './load/load-generator.ts';
import type { LoadJob, LoadResult } from './load/load-job.ts';
import { type Pair, quickFactor } from './pairs.ts';
import { find } from './peers/program.ts';
import { cpuMs } from './processes/cpu-time.ts';
import { ServerProcess } from './processes/server-process.ts';
import { bodyBytes } from './servers/announce.ts';
import { scriptCommand } from './tiers.ts';

export type Plan = {
  readonly requests: number;
  readonly rounds: number;
  readonly connections: number;
  /** The least number of requests that a server gets before its first round. */
  readonly warmUp: number;
};

export type Round = {
  /** CPU time of all processes of the server, per request that was answered as expected. */
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

export type Side = {
  readonly name: string;
  readonly rounds: readonly Round[];
  /** Answers that were not the expected one, in all rounds together. */
  readonly wrong: Readonly<Record<string, number>>;
  /** Why there are no rounds. */
  readonly missing?: string;
};

export type Outcome = { readonly what: string; readonly ours: Side; readonly peer?: Side };

type Running = {
  readonly name: string;
  readonly server: ServerProcess | undefined;
  missing?: string;
  readonly rounds: Round[];
  readonly wrong: Record<string, number>;
};

const deadlineMs = 60_000;

/** Runs a pair to its end; a contender that is not installed or does not start is named as missing. */
export async function measure(pair: Pair, wanted: Plan, generator: LoadGenerator): Promise<Outcome> {
  const plan = { ...wanted, requests: wanted.requests * (pair.isQuick ? quickFactor : 1) };
  await using own = new AsyncDisposableStack();
  const folder = own.adopt(placeFiles(), (path) => rmSync(path, { recursive: true, force: true }));
  const origin =
    pair.origin === undefined
      ? undefined
      : own.use(
          await ServerProcess.start({ ...scriptCommand('constant-net.ts', pair.origin), name: 'origin' }, folder),
        );
  const place = { folder, originPort: origin?.port ?? 0 };
  const contenders = [pair.ours, ...(pair.peer ? [pair.peer] : [])];
  const sides: Running[] = [];
  for (const contender of contenders) sides.push(await start(contender, place, own));
  const warmUp = { ...plan, requests: Math.max(plan.warmUp, plan.requests) };
  for (const side of sides) await load(side, { pair, plan: warmUp, series: 'warm-up', generator });
  for (let round = 1; round <= plan.rounds; round++) {
    for (const side of sides) await measureRound(side, { pair, plan, series: String(round), generator });
  }
  const [ours, peer] = sides as [Running, Running?];
  return { what: pair.what, ours, ...(peer && { peer }) };
}

function placeFiles(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trivet-bench-'));
  // Varnish and nginx, started by root, read their files as users of their own.
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'site'));
  writeFileSync(join(folder, 'site/page.txt'), 'x'.repeat(bodyBytes));
  return folder;
}

async function start(contender: Contender, place: Place, own: AsyncDisposableStack): Promise<Running> {
  const { name, program } = contender;
  const side = { name, server: undefined, rounds: [], wrong: {} };
  const file = program ? find(program) : '';
  if (file === undefined) return { ...side, missing: `${name} is not installed` };
  try {
    const server = own.use(await ServerProcess.start(await contender.prepare(place, file), place.folder));
    const least = contender.leastProcesses ?? 1;
    if (server.processes() >= least) return { ...side, server };
    return { ...side, missing: `${name} runs ${server.processes()} process instead of ${least}` };
  } catch (error) {
    return { ...side, missing: (error as Error).message };
  }
}

type Load = {
  readonly pair: Pair;
  readonly plan: Plan;
  readonly series: string;
  readonly generator: LoadGenerator;
};

async function load(side: Running, { pair, plan, series, generator }: Load): Promise<LoadResult | undefined> {
  if (side.server === undefined || side.missing !== undefined) return undefined;
  const job: LoadJob = {
    port: side.server.port,
    targets: pair.targets(plan.requests, series),
    requests: plan.requests,
    connections: plan.connections,
    expected: { status: 200, bodyBytes },
    deadlineMs,
    ...(pair.isClosing && { isClosing: true }),
  };
  const result = await generator.run(job);
  for (const [what, times] of Object.entries(result.wrong)) side.wrong[what] = (side.wrong[what] ?? 0) + times;
  if (result.answered === 0) side.missing = `${side.name} answered nothing as expected`;
  return result;
}

async function measureRound(side: Running, round: Load): Promise<void> {
  const roots = side.server ? [side.server.pid] : [];
  const before = cpuMs(roots);
  const result = await load(side, round);
  if (result === undefined || result.answered === 0) return;
  const { answered, seconds, p50Ms, p99Ms } = result;
  const cpuUs = ((cpuMs(roots) - before) * 1000) / answered;
  side.rounds.push({ cpuUs, perSecond: answered / seconds, p50Ms, p99Ms });
}
