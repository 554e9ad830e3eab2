import { readdirSync, readFileSync } from 'node:fs';

/** A process as far as its place in a tree goes. */
export type Process = { readonly pid: number; readonly parent: number };

/** `root` and all that descend from it, out of `all`. */
export function treeOf<P extends Process>(root: number, all: readonly P[]): P[] {
  const top = all.filter(({ pid }) => pid === root);
  const children = Map.groupBy(all, ({ parent }) => parent);
  const tree: P[] = [];
  for (let level = top; level.length > 0; level = level.flatMap(({ pid }) => children.get(pid) ?? [])) {
    tree.push(...level);
  }
  return tree;
}

/** Reads `/proc/<pid>/<file>` of every process there is; those that end meanwhile, or cannot be parsed, are left out. */
export function readAll<P extends Process>(file: 'stat' | 'status', parse: (text: string) => P | undefined): P[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => parse(textOf(`/proc/${pid}/${file}`)) ?? []);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
