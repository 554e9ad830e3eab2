import { availableParallelism, cpus, loadavg, release, type } from 'node:os';
import { type Program, versionOf } from './peers/program.ts';
import type { Machine } from './report.ts';

/** This machine, and which of these programs it has, each named once. */
export function thisMachine(programs: readonly Program[]): Machine {
  const peers = new Map(programs.map((program) => [program.file, program]));
  return {
    cores: availableParallelism(),
    model: cpus()[0]?.model.trim() ?? 'unknown',
    system: `${type()} ${release()}`,
    node: process.versions.node,
    load: loadavg()[0] ?? 0,
    peers: [...peers.values()].flatMap((program) => versionOf(program) ?? []),
  };
}
