/** One server that is measured: started if it can be, asked round by round, its CPU time read before and after. */
import type { Contender, Place } from './contender.ts';
import type { LoadGenerator } from './load/load-generator.ts';
import type { LoadJob, LoadResult } from './load/load-job.ts';
import { find } from './peers/program.ts';
import { cpuMs } from './processes/cpu-time.ts';
import { onCore, type Pinning } from './processes/pinning.ts';
import { ServerProcess } from './processes/server-process.ts';

export type Round = {
  /** CPU time of all processes of the server, per request that was answered as expected. */
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
};

export type Side = {
  readonly name: string;
  readonly rounds: readonly Round[];
  /** Answers that were not the expected one, in all rounds together. */
  readonly wrong: Readonly<Record<string, number>>;
  /** Why there are no rounds. */
  readonly missing?: string;
};

/** Where servers run: in a folder of their own, on their core, until `own` is disposed of. */
export type Stage = {
  readonly place: Place;
  readonly own: AsyncDisposableStack;
  readonly pinning: Pinning | undefined;
};

export type Running = {
  readonly name: string;
  readonly server: ServerProcess | undefined;
  missing?: string;
  readonly rounds: Round[];
  readonly wrong: Record<string, number>;
};

/** A job for whichever server. */
export type Asking = Omit<LoadJob, 'port'>;

/** Starts a contender; one that is not installed or does not start is `missing`, with the reason. */
export async function startSide(contender: Contender, { place, own, pinning }: Stage): Promise<Running> {
  const { name, program } = contender;
  const side = { name, server: undefined, rounds: [], wrong: {} };
  const file = program ? find(program) : '';
  if (file === undefined) return { ...side, missing: `${program?.name ?? name} is not installed` };
  try {
    const command = await contender.prepare(place, file);
    const pinned = pinning ? onCore(command, pinning.taskset, pinning.serverCore) : command;
    const server = own.use(await ServerProcess.start(pinned, place.folder));
    const least = contender.leastProcesses ?? 1;
    if (server.processes() >= least) return { ...side, server };
    return { ...side, missing: `${name} runs ${server.processes()} process instead of ${least}` };
  } catch (error) {
    return { ...side, missing: (error as Error).message };
  }
}

/** Asks without measuring; undefined when the server is missing, or turns out to answer nothing as expected. */
export async function ask(side: Running, asking: Asking, generator: LoadGenerator): Promise<LoadResult | undefined> {
  if (side.server === undefined || side.missing !== undefined) return undefined;
  const result = await generator.run({ ...asking, port: side.server.port });
  for (const [what, times] of Object.entries(result.wrong)) side.wrong[what] = (side.wrong[what] ?? 0) + times;
  if (result.answered > 0) return result;
  side.missing = `${side.name} answered nothing as expected`;
  return undefined;
}

/** Asks, and adds what it cost to the rounds of the server. */
export async function askRound(side: Running, asking: Asking, generator: LoadGenerator): Promise<void> {
  const roots = side.server ? [side.server.pid] : [];
  const before = cpuMs(roots);
  const result = await ask(side, asking, generator);
  if (result === undefined) return;
  const { answered, seconds, p50Ms, p99Ms, longestMs } = result;
  const cpuUs = ((cpuMs(roots) - before) * 1000) / answered;
  side.rounds.push({ cpuUs, perSecond: answered / seconds, p50Ms, p99Ms, longestMs });
}
