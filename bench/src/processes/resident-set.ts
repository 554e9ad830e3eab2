import { type Process, readAll, treeOf } from './process-tree.ts';

export type ProcessMemory = Process & { readonly residentBytes: number };

/** `PPid` and `VmRSS` of `/proc/<pid>/status` (proc(5)); a process without memory (a kernel thread, a zombie) has 0. */
export function parseStatus(text: string): ProcessMemory | undefined {
  const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
  const [pid, parent, residentKb] = [number('Pid'), number('PPid'), number('VmRSS')];
  if (Number.isNaN(pid) || Number.isNaN(parent)) return undefined;
  return { pid, parent, residentBytes: Number.isNaN(residentKb) ? 0 : residentKb * 1024 };
}

/** Resident memory (bytes) of each tree; 0 for one that is gone. */
export function residentBytes(roots: readonly number[]): number[] {
  const all = readAll('status', parseStatus);
  return roots.map((root) => treeOf(root, all).reduce((sum, process) => sum + process.residentBytes, 0));
}
