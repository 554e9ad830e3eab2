import { type Process, readAll, treeOf } from './process-tree.ts';

/** `ticks`: CPU time of the process, user and system, and of its children that have ended and were waited for. */
export type ProcessTime = Process & { readonly ticks: number };

/** USER_HZ, the unit of the times in /proc: 100 on every architecture that Node runs on. */
const tickMs = 10;

/** The line of `/proc/<pid>/stat` (proc(5)): ppid is its field 4; utime, stime, cutime, cstime are 14 to 17. */
export function parseStat(line: string): ProcessTime | undefined {
  // Field 2 is the program's name in parentheses, which may hold blanks and parentheses itself.
  const nameEnd = line.lastIndexOf(')');
  const fields = line.slice(nameEnd + 2).split(' ');
  const parent = Number(fields[1]);
  const times = fields.slice(11, 15).map(Number);
  if (nameEnd < 0 || times.length < 4 || times.some(Number.isNaN)) return undefined;
  return { pid: Number.parseInt(line, 10), parent, ticks: times.reduce((sum, time) => sum + time, 0) };
}

/** CPU time (milliseconds) that the processes of these trees have used so far. */
export function cpuMs(roots: readonly number[]): number {
  const all = readAll('stat', parseStat);
  const tree = roots.flatMap((root) => treeOf(root, all));
  return tree.reduce((sum, { ticks }) => sum + ticks, 0) * tickMs;
}
