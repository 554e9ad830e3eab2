/** The process that is to go on in place of this one: the same program with the same arguments and environment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { nodeFlags, tunedEnvironment } from '../tune.ts';
import { handedVariable } from './given.ts';
import type { Handed, Word } from './inherited.ts';

export type Outcome =
  | { readonly is: 'up'; readonly pid: number }
  | { readonly is: 'down'; readonly why: string; readonly said: readonly string[] };

/** What is to be handed over. */
export type Estate = Omit<Handed, 'tell'>;

const MOST_LINES = 20;
const [LISTEN, ADMIN, TELL, MORE] = [3, 4, 5, 6];

/** Lets a new process read the code, the settings and the files of the user, and end; `signal` ends it earlier. */
export async function tryOut(signal: AbortSignal): Promise<Outcome> {
  const child = started(['ignore', 'ignore', 'pipe'], {}, ['--check']);
  const said: string[] = [];
  if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => keep(said, line));
  using watch = watchOver(child, signal);
  const how = await watch.ended;
  return how === 'exit code 0' ? { is: 'up', pid: child.pid ?? 0 } : { is: 'down', why: how, said };
}

/** Starts it with the sockets, and resolves when it serves, or has ended without; then `signal` has no effect any more. */
export async function startSuccessor(estate: Estate, signal: AbortSignal): Promise<Outcome> {
  const { more = [] } = estate;
  const handed: Handed = {
    ...{ ...estate, listen: LISTEN, admin: ADMIN, tell: TELL },
    ...(more.length > 0 && { more: more.map((one, at) => ({ ...one, listen: MORE + at })) }),
  };
  const others = more.map(({ listen }) => listen);
  const stdio = ['inherit', 'inherit', 'inherit', estate.listen, estate.admin, 'pipe', ...others] as const;
  const child = started(stdio, { [handedVariable]: JSON.stringify(handed) }, []);
  const said: string[] = [];
  const ready = Promise.withResolvers<'ready'>();
  createInterface({ input: child.stdio[TELL] as Readable }).on('line', (line) => {
    const word = readWord(line);
    if (word.trivet === 'ready') ready.resolve('ready');
    else said.push(...word.problems);
  });
  using watch = watchOver(child, signal);
  const how = await Promise.race([ready.promise, watch.ended]);
  if (how !== 'ready') return { is: 'down', why: how, said };
  child.unref();
  return { is: 'up', pid: child.pid ?? 0 };
}

/** What a program of another version says may be something else, and must not end the process that still serves. */
function readWord(line: string): Word {
  const unknown: Word = { trivet: 'failed', problems: [line], code: 1 };
  try {
    const word: Partial<Word> | null = JSON.parse(line);
    const isKnown = word?.trivet === 'ready' || (word?.trivet === 'failed' && Array.isArray(word.problems));
    return isKnown ? (word as Word) : unknown;
  } catch {
    return unknown;
  }
}

function started(
  stdio: readonly ('inherit' | 'ignore' | 'pipe' | number)[],
  more: Readonly<Record<string, string>>,
  args: readonly string[],
): ChildProcess {
  const { execPath, execArgv, argv, env } = process;
  const flags = nodeFlags.filter((flag) => !execArgv.includes(flag));
  return spawn(execPath, [...flags, ...execArgv, ...argv.slice(1), ...args], {
    env: { ...tunedEnvironment(env, homedir()), ...more },
    stdio: [...stdio],
  });
}

/** How it ended, for people. When `signal` says so it is killed; disposing this lets it live. */
function watchOver(child: ChildProcess, signal: AbortSignal): Disposable & { readonly ended: Promise<string> } {
  const { promise: ended, resolve } = Promise.withResolvers<string>();
  const kill = () => {
    child.kill('SIGKILL');
    resolve(String(signal.reason));
  };
  child.once('error', (error) => resolve(error.message));
  child.once('close', (code: number | null, by: string | null) => resolve(by ?? `exit code ${code}`));
  if (signal.aborted) kill();
  signal.addEventListener('abort', kill, { once: true });
  return { ended, [Symbol.dispose]: () => signal.removeEventListener('abort', kill) };
}

function keep(lines: string[], line: string): void {
  lines.push(line);
  if (lines.length > MOST_LINES) lines.shift();
}
