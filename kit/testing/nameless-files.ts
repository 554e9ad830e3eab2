import { readdir, readlink } from 'node:fs/promises';

/** Files without a name that this process has open. */
export async function namelessFiles(folder: string): Promise<string[]> {
  const names = await readdir('/proc/self/fd');
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(folder) && target.endsWith(' (deleted)'));
}
