/** The file that says which process it is: for scripts that send signals. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Inherited } from './hand-over/inherited.ts';
import { StartProblem } from './load-file.ts';

/**
 * Writes the number of this process, and takes the file away at its end, unless another process is named there by then. One
 * that follows another does so once it serves. @throws StartProblem where another that lives is named, or it cannot be written
 */
export function withPidFile(inherited: Inherited, path: string, variable: string): Inherited {
  if (path === '') return inherited;
  if (!inherited.follows) {
    const named = pidIn(path);
    if (named !== undefined && named !== process.pid && isAlive(named)) {
      throw new StartProblem(`${variable}: ${path} names process ${named}, which lives`);
    }
    keep(path, variable);
    return inherited;
  }
  return {
    ...inherited,
    tell(word) {
      if (word.trivet === 'ready') keep(path, variable);
      inherited.tell(word);
    },
  };
}

function keep(path: string, variable: string): void {
  try {
    // Who reads it meanwhile finds one number or the other.
    const next = `${path}.${process.pid}`;
    writeFileSync(next, `${process.pid}\n`, { mode: 0o644 });
    renameSync(next, path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StartProblem(`${variable}: it cannot be written: ${why}`, { cause });
  }
  process.once('exit', () => {
    if (pidIn(path) === process.pid) rmSync(path, { force: true });
  });
}

function pidIn(path: string): number | undefined {
  try {
    const [, pid] = /^(\d{1,10})\s*$/.exec(readFileSync(path, 'utf8')) ?? [];
    return pid === undefined ? undefined : Number(pid);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
