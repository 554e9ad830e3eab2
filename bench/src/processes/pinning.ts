/** One core for the server that is measured, another for the load and the origin: neither then waits for the other's. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { find } from '../peers/program.ts';
import type { Command } from './server-process.ts';

export type Pinning = { readonly taskset: string; readonly serverCore: number; readonly loadCore: number };

/** How servers and load are kept apart on this machine; undefined with one core, or without `taskset`. */
export function pinning(): Pinning | undefined {
  const taskset = find({ name: 'taskset', file: 'taskset', versionFlag: '--version' });
  const [serverCore, loadCore] = allowedCores(readFileSync('/proc/self/status', 'latin1'));
  if (taskset === undefined || serverCore === undefined || loadCore === undefined) return undefined;
  return { taskset, serverCore, loadCore };
}

/** The cores that a process may use, out of its `/proc/<pid>/status` (proc(5)): `0-3,8` are five. */
export function allowedCores(status: string): number[] {
  const ranges = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1]?.split(',') ?? [];
  return ranges.flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    return Number.isNaN(last - first) ? [] : Array.from({ length: last - first + 1 }, (_, n) => first + n);
  });
}

/** The same command on one core, and so all that it starts; `taskset` turns into it, the process stays the same. */
export function onCore(command: Command, taskset: string, core: number): Command {
  return { ...command, file: taskset, args: ['-c', String(core), command.file, ...command.args] };
}

/** Moves a process that runs, with all its threads. @throws Error when it cannot be moved. */
export function moveToCore(pid: number, { taskset, loadCore }: Pinning): void {
  const { status, stderr, error } = spawnSync(taskset, ['-a', '-c', '-p', String(loadCore), String(pid)], {
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`taskset cannot move ${pid} to core ${loadCore}: ${stderr.trim()}`);
}
