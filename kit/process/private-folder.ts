import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartProblem } from './load-file.ts';

/** The most bytes of the path of a socket, less what chance adds to the folder's name. */
const mostBytes = 107 - 6;

/**
 * A new folder for sockets that are nobody else's business: its mode is 0700. `what` begins its name, `longest` is the
 * longest name of a file in it, and `wants` says who needs it, for the complaint. @throws StartProblem
 */
export async function privateFolder(what: string, longest: string, wants: string): Promise<string> {
  const beginning = join(tmpdir(), `trivet-${what}-`);
  if (Buffer.byteLength(beginning) + 1 + Buffer.byteLength(longest) > mostBytes) {
    throw new StartProblem(`TMPDIR: ${tmpdir()} is too long for the path of a socket in it`);
  }
  try {
    return await mkdtemp(beginning);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StartProblem(`TMPDIR: ${wants} need a folder there for their sockets: ${why}`, { cause });
  }
}
