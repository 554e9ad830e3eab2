/** Why a Unix socket cannot be made where it was asked for: the system says the same for half a dozen reasons. */
import { constants, lstatSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isAccessible } from './is-accessible.ts';

/** One sentence, without the path itself; undefined where nothing is found to be wrong (any more). */
export function socketProblem(path: string): string | undefined {
  return (
    foldersOf(path)
      .map(folderProblem)
      .find((problem) => problem !== undefined) ?? placeProblem(path)
  );
}

/** From the outermost on. */
function foldersOf(path: string): readonly string[] {
  const folders: string[] = [];
  for (let at = dirname(path); ; at = dirname(at)) {
    folders.unshift(at);
    if (at === dirname(at)) return folders;
  }
}

function folderProblem(folder: string): string | undefined {
  const stat = statOf(folder);
  if (stat === undefined) return `there is no folder ${folder}`;
  if (!stat.isDirectory()) return `${folder} is no folder`;
  return isAccessible(folder, constants.X_OK)
    ? undefined
    : `this user may not go through the folder ${folder} (it lacks x)`;
}

function placeProblem(path: string): string | undefined {
  const folder = dirname(path);
  if (!isAccessible(folder, constants.W_OK))
    return `this user may not make a file in the folder ${folder} (it lacks w)`;
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined || there.isSocket()) return undefined;
  const kind = there.isDirectory() ? 'a folder' : there.isFile() ? 'a regular file' : 'something else';
  return `what is there is ${kind} and no socket; it is left alone`;
}

// A folder below one that may not be gone through is not looked at: the one above is found first.
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
