/** Measures a pair: both servers up at once, asked in turn, so that what happens on the machine happens to both. */
import { rmSync } from 'node:fs';
import { files } from './files.ts';
import type { LoadGenerator } from './load/load-generator.ts';
import type { Pair } from './pairs.ts';
import { onCore, type Pinning } from './processes/pinning.ts';
import { ServerProcess } from './processes/server-process.ts';
import { bodyBytes } from './servers/announce.ts';
import { type Constant, constantArguments } from './servers/constant-answer.ts';
import { type Asking, ask, askRound, type Running, type Side, startSide } from './side.ts';
import { scriptCommand } from './tiers.ts';

export type Plan = {
  readonly requests: number;
  readonly rounds: number;
  readonly connections: number;
  /** The least number of requests that a server gets before its first round. */
  readonly warmUp: number;
};

/** `goal`: the most that the ratio of CPU time, ours over the peer's, is meant to be. */
export type Outcome = {
  readonly what: string;
  readonly ours: Side;
  readonly peer?: Side;
  readonly goal?: number;
};

/** What every measurement is made with. */
export type Tools = { readonly generator: LoadGenerator; readonly pinning: Pinning | undefined };

const deadlineMs = 60_000;

/** Runs a pair to its end; a contender that is not installed or does not start is named as missing. */
export async function measure(pair: Pair, plan: Plan, tools: Tools): Promise<Outcome> {
  const { what, goal, share = 1 } = pair;
  const pinning = pair.isUnpinned ? undefined : tools.pinning;
  await using own = new AsyncDisposableStack();
  const folder = own.adopt(files(), (path) => rmSync(path, { recursive: true, force: true }));
  const origin = pair.origin && own.use(await startOrigin(pair.origin, folder, pinning));
  const stage = { place: { folder, originPort: origin?.port ?? 0 }, own, pinning };
  const ours = await startSide(pair.ours, stage);
  const peer = pair.peer && (await startSide(pair.peer, stage));
  const requests = Math.ceil(plan.requests * share);
  const warmUp = Math.max(requests, Math.ceil(plan.warmUp * Math.min(1, share)));
  await askInTurn([ours, ...(peer ? [peer] : [])], pair, { plan: { ...plan, requests, warmUp }, tools });
  return { what, ours, ...(peer && { peer }), ...(goal !== undefined && { goal }) };
}

async function askInTurn(
  sides: readonly Running[],
  pair: Pair,
  { plan, tools: { generator } }: { readonly plan: Plan; readonly tools: Tools },
): Promise<void> {
  const warmUp = askingOf(pair, { ...plan, requests: plan.warmUp }, 'warm-up');
  for (const side of sides) await ask(side, warmUp, generator);
  for (let round = 1; round <= plan.rounds; round++) {
    const asking = askingOf(pair, plan, String(round));
    for (const side of sides) await askRound(side, asking, generator);
  }
}

/** The server behind caches and proxies, on the core of the load. */
export async function startOrigin(
  constant: Constant,
  folder: string,
  pinning: Pinning | undefined,
): Promise<ServerProcess> {
  const command = { ...scriptCommand('constant-net.ts', ...constantArguments(constant)), name: 'origin' };
  return await ServerProcess.start(pinning ? onCore(command, pinning.taskset, pinning.loadCore) : command, folder);
}

function askingOf(pair: Pair, { requests, connections }: Plan, series: string): Asking {
  return {
    targets: pair.targets(series),
    requests,
    connections,
    expected: pair.expected ?? { status: 200, bodyBytes },
    deadlineMs,
    ...(pair.field !== undefined && { field: pair.field }),
    ...(pair.uploadBytes !== undefined && { uploadBytes: pair.uploadBytes }),
    ...(pair.isClosing && { isClosing: true }),
  };
}
