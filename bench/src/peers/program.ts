import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** A program of the system that may or may not be installed. */
export type Program = { readonly name: string; readonly file: string; readonly versionFlag: string };

/** Where a program is; servers are often in folders that an ordinary user's PATH leaves out. */
export function find({ file }: Program): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, file)).find(isExecutable);
}

/** `Varnish 7.1.1`; the name alone when the program does not say. Undefined when it is not installed. */
export function versionOf(program: Program): string | undefined {
  const path = find(program);
  if (path === undefined) return undefined;
  const { stdout, stderr } = spawnSync(path, [program.versionFlag], { encoding: 'utf8' });
  return `${program.name} ${firstVersion(`${stdout}${stderr}`) ?? ''}`.trimEnd();
}

/** The first thing in a text that looks like a version number. */
export function firstVersion(text: string): string | undefined {
  return /\d+\.\d+(?:\.\d+)*/.exec(text)?.[0];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
