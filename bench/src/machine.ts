import { availableParallelism, cpus, loadavg, release, type } from 'node:os';
import type { Contender } from './contender.ts';
import type { Pair } from './pairs.ts';
import { versionOf } from './peers/program.ts';
import type { Machine } from './report.ts';

/** This machine, and which of the peers it has. */
export function thisMachine(pairs: readonly Pair[]): Machine {
  const programs = new Map(pairs.flatMap(({ peer }) => programOf(peer)));
  return {
    cores: availableParallelism(),
    model: cpus()[0]?.model.trim() ?? 'unknown',
    system: `${type()} ${release()}`,
    node: process.versions.node,
    load: loadavg()[0] ?? 0,
    peers: [...programs.values()].flatMap((program) => versionOf(program) ?? []),
  };
}

function programOf(contender: Contender | undefined) {
  return contender?.program ? [[contender.program.name, contender.program] as const] : [];
}
