/**
 * The Python process that makes workers: it is told to fork, and tells how those that it has forked end. It has a session of
 * its own, so that Ctrl-C in a terminal reaches this process alone, and it ends when this process is gone: its line is cut.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { homedir } from 'node:os';
import type { Duplex, Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { eachLine } from '@trivet/kit/process/output-lines.ts';
import type { Environment } from '@trivet/kit/process/settings.ts';
import { untunedEnvironment } from '@trivet/kit/process/tune.ts';
import { type Failure, type FromForkServer, readTold, type WorkerEnd } from './told.ts';

/** The first line that it is sent: the application and where workers are to connect. */
export type Configure = {
  /** `module:callable`. */
  readonly application: string;
  readonly chdir: string;
  readonly threads: number;
  readonly workers: number;
  readonly preload: boolean;
  /** A module, or nothing. */
  readonly hooks: string;
  /** Path of the Unix socket. */
  readonly socket: string;
  /** 32 random bytes, hex. */
  readonly token: string;
  readonly multiprocess: boolean;
  /** How `ps` shows them. */
  readonly name: string;
};

export type ForkServerProgram = {
  readonly python: string;
  /** Path of the shim. */
  readonly shim: string;
  readonly env: Environment;
  onLine(line: string, stream: 'stdout' | 'stderr', pid: number): void;
};

export type ForkServerEvents = {
  onReady(): void;
  /** What keeps it from making workers; it ends. */
  onFailed(failure: Failure): void;
  onForked(id: number, pid: number): void;
  onExited(id: number, end: WorkerEnd): void;
  /** Once, when it is gone and has said all. */
  onEnd(why: string): void;
};

export type WorkerSignal = 'SIGABRT' | 'SIGTERM' | 'SIGINT' | 'SIGKILL';

/** A line of it is a few words, or the problems of an application. */
const longestLine = 256 * 1024;
/** What it may take to read the last words of one that is gone; who has inherited its pipes keeps them open. */
const lastWordsMs = 200;

/** What is ours in the environment, and no business of an application: secrets, and what would mislead a process below. */
const ownNames =
  /^(?:TRIVET_|NODE_CHANNEL_|NODE_UNIQUE_ID$|LISTEN_(?:FDS|PID|FDNAMES)$|(?:APP|FRONT|EDGE)_ADMIN_TOKEN$)/;

/** The environment of the user, for processes of Python. */
export function pythonEnvironment(env: Environment): Record<string, string | undefined> {
  const given = Object.entries(untunedEnvironment(env, homedir()));
  return Object.fromEntries(given.filter(([name]) => !ownNames.test(name)));
}

export class ForkServer {
  readonly #child: ChildProcess;
  readonly #line: Duplex;
  #isOver = false;

  /** @throws what the system says that would not start a process. */
  constructor(program: ForkServerProgram, configure: Configure, events: ForkServerEvents) {
    const { python, shim, env, onLine } = program;
    this.#child = spawn(python, ['-u', shim], {
      env: pythonEnvironment(env) as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const [stdout, stderr, line] = pipesOf(this.#child);
    this.#line = line;
    eachLine(stdout, (text) => onLine(text, 'stdout', this.pid));
    eachLine(stderr, (text) => onLine(text, 'stderr', this.pid));
    eachLine(line, (text) => this.#told(text, events), longestLine);
    this.#say({ configure });
    void this.#follow([stdout, stderr, line], events);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  fork(id: number): void {
    this.#say({ fork: id });
  }

  /** It is the parent of the worker, and knows whether that number is still the worker's. */
  signal(id: number, name: WorkerSignal): void {
    this.#say({ signal: id, name });
  }

  /** No more workers; it ends once those that it has made have ended. */
  letGo(): void {
    this.#line.end();
  }

  kill(): void {
    if (!this.#isOver) this.#child.kill('SIGKILL');
  }

  #say(message: object): void {
    if (!this.#isOver && this.#line.writable) this.#line.write(`${JSON.stringify(message)}\n`);
  }

  #told(text: string, events: ForkServerEvents): void {
    const told = readTold(text);
    if (told === undefined) {
      // Somebody else writes on its line, and nothing on it can be believed any more.
      this.kill();
      return;
    }
    tell(told, events);
  }

  async #follow(streams: readonly Readable[], events: ForkServerEvents): Promise<void> {
    const child = this.#child;
    const { promise: gone, resolve } = Promise.withResolvers<string>();
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    child.on('error', (error) => child.pid === undefined && resolve(error.message));
    const said = Promise.all(streams.map(closed));
    const why = await gone;
    this.#isOver = true;
    await Promise.race([said, wait(lastWordsMs)]);
    this.#line.destroy();
    events.onEnd(why);
  }
}

function tell(told: FromForkServer, events: ForkServerEvents): void {
  switch (told.kind) {
    case 'ready':
      return events.onReady();
    case 'failed':
      return events.onFailed(told);
    case 'forked':
      return events.onForked(told.id, told.pid);
    case 'exited':
      return events.onExited(told.id, told);
  }
}

type Pipes = readonly [stdout: Readable, stderr: Readable, line: Duplex];

function pipesOf({ stdio }: ChildProcess): Pipes {
  const pipes = stdio.slice(1, 4);
  if (pipes.length < 3 || pipes.includes(null))
    throw new Error('a process was started without the pipes that it was to have');
  return pipes as unknown as Pipes;
}

function closed(stream: Readable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (stream.closed) resolve();
  else stream.once('close', () => resolve());
  return promise;
}
