/**
 * How the process of a tier wants its memory. Node.js is tuned for programs that compute; a server moves buffers. Every
 * thread of V8 gets an arena of its own from glibc and keeps what it once had; the young generation grows to tens of
 * megabytes of what is dead already; the compiler that strips types stays in memory for good. Together that is half
 * of what a tier at rest would take. None of it can be changed once a process runs, so it starts itself anew.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isGiven } from './hand-over/given.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The young generation has halves of 4 MB: what a request leaves behind is dead long before they are full. And what is
 * new is always put there. V8 would learn in the first busy seconds which objects live long and put their like among the
 * old from then on; of a server's requests none does, and each dead one there keeps alive all that it refers to.
 */
export const nodeFlags: readonly string[] = ['--max-semi-space-size=1', '--no-allocation-site-pretenuring'];

/**
 * glibc: one arena for all threads; what is as large as this is given back to the system when it is freed, and is not
 * left as a hole between what stays.
 */
const malloc = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };

/** What the process is started with: memory that is given back, and stripped files kept for the next start. */
export function tunedEnvironment(env: Environment, home: string): Record<string, string | undefined> {
  return { ...malloc, NODE_COMPILE_CACHE: join(home, '.cache', 'trivet'), ...env, TRIVET_TUNED: '1' };
}

/**
 * Replaces this process by one that has its memory as above, under the same pid (execve). Does nothing in a process
 * that has been started so, or where it cannot be done; the tier then runs all the same, and takes more memory.
 */
export function startTuned(): void {
  const { env, execPath, execArgv, argv, platform, channel } = process;
  // A channel to a parent would not survive, nor would sockets; who forks a tier passes flags and environment himself.
  if (env.TRIVET_TUNED === '1' || channel || isGiven(env, process.pid) || platform !== 'linux' || !process.execve)
    return;
  const command = [execPath, ...nodeFlags, ...execArgv, ...argv.slice(1)];
  process.execve(execPath, command, tunedEnvironment(env, homedir()) as NodeJS.ProcessEnv);
}
