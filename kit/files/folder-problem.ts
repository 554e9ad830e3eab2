import { accessSync, constants, type Stats, statSync } from 'node:fs';

/** Why nothing can be served from a folder; undefined when it can be read. */
export function folderProblem(path: string): string | undefined {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory()) accessSync(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    return `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
  if (stats === undefined) return `there is no folder ${path}`;
  return stats.isDirectory() ? undefined : `${path} is not a folder`;
}
