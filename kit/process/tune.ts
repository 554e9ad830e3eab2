/**
 * How the process of a tier wants its memory. Node.js is tuned for programs that compute; a server moves buffers. Every
 * thread of V8 gets an arena of its own from glibc and keeps what it once had; the young generation grows to tens of
 * megabytes of what is dead already; the compiler that strips types stays in memory for good. Together that is half
 * of what a tier at rest would take. None of it can be changed once a process runs, so it starts itself anew.
 */
import { constants } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isGiven } from './hand-over/given.ts';
import { isAccessible } from './is-accessible.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The young generation has halves of 4 MB: what a request leaves behind is dead long before they are full. And what is
 * new is always put there. V8 would learn in the first busy seconds which objects live long and put their like among the
 * old from then on; of a server's requests none does, and each dead one there keeps alive all that it refers to.
 */
export const nodeFlags: readonly string[] = ['--max-semi-space-size=1', '--no-allocation-site-pretenuring'];

/**
 * For a tier that runs code of others: each request leaves more behind, and half as many collections look through what is
 * under way. Behind the flags above, of which the last one counts.
 */
export const applicationFlags: readonly string[] = ['--max-semi-space-size=2', '--min-semi-space-size=2'];

/**
 * glibc: one arena for all threads; what is as large as this is given back to the system when it is freed, and is not
 * left as a hole between what stays.
 */
const malloc = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };

/** What the process is started with: memory that is given back, and stripped files kept for the next start. */
export function tunedEnvironment(env: Environment, home: string): Record<string, string | undefined> {
  return { ...malloc, NODE_COMPILE_CACHE: join(home, '.cache', 'trivet'), ...env, TRIVET_TUNED: '1' };
}

/** The environment without what was put into it above: for programs of others, that want their memory as they know it. */
export function untunedEnvironment(env: Environment, home: string): Record<string, string | undefined> {
  const ours = tunedEnvironment({}, home);
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => ours[name] !== value));
}

/**
 * Replaces this process by one that has its memory as above, under the same pid (execve). Does nothing in a process
 * that has been started so, or where it cannot be done; the tier then runs all the same, and takes more memory. The first
 * process of a container becomes a shell that starts it, and waits for those whose parents are gone (`init.sh`).
 * `further`: flags behind `nodeFlags` and before those that were given, which workers and successors get, too.
 */
export function startTuned(further: readonly string[] = []): void {
  const { env, execPath, execArgv, argv, platform, channel, pid } = process;
  // A channel to a parent would not survive, nor would sockets; who forks a tier passes flags and environment himself.
  if (channel || isGiven(env, pid) || platform !== 'linux' || !process.execve) return;
  const flags = [...nodeFlags, ...further].filter((flag) => !execArgv.includes(flag));
  const command = [execPath, ...flags, ...execArgv, ...argv.slice(1)];
  const tuned = tunedEnvironment(env, homedir());
  if (pid === 1 && canRun(shell) && canRead(init)) {
    process.execve(shell, [shell, init, ...command], { ...tuned, [initVariable]: '1' } as NodeJS.ProcessEnv);
  }
  if (pid === 1) process.stderr.write(`there is no ${shell}: processes whose parents are gone are never waited for\n`);
  if (env.TRIVET_TUNED !== '1') process.execve(execPath, command, tuned as NodeJS.ProcessEnv);
}

/** In the environment of a process whose parent is `init.sh`: the container ends with it. */
export const initVariable = 'TRIVET_INIT';
const shell = '/bin/sh';
const init = fileURLToPath(new URL('init.sh', import.meta.url));

// Who executes what cannot be, is ended by Node.js.
const canRun = (path: string): boolean => isAccessible(path, constants.X_OK);
const canRead = (path: string): boolean => isAccessible(path, constants.R_OK);
