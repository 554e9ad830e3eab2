/**
 * One process of the app: forked, heard, told, ended. It is told over its channel that it is a worker, as those of a tier
 * are, so that it says when it is ready and why it cannot start, answers whether it hangs, and ends when this process is gone.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { homedir } from 'node:os';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { Environment } from '@trivet/kit/process/settings.ts';
import { nodeFlags, tunedEnvironment } from '@trivet/kit/process/tune.ts';
import type { Watched } from '@trivet/kit/process/workers/heartbeat.ts';
import { type FromWorker, isOurs, type ToWorker } from '@trivet/kit/process/workers/messages.ts';
import { type Berth, daemonEnvironment } from './environment.ts';
import { eachLine, Tail } from './output-lines.ts';
import type { WorkerView } from './plan.ts';

export type DaemonEnd = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A line that a process wrote, and which one. */
export type SaidBy = { readonly worker: number; readonly workerPid: number; readonly stream: 'stdout' | 'stderr' };

/** What all of them are made from. */
export type DaemonProgram = {
  readonly main: string;
  /** Of the front. */
  readonly env: Environment;
  onLine(line: string, by: SaidBy): void;
};

export type DaemonEvents = {
  onMessage(message: FromWorker): void;
  /** Once, as soon as it is gone. */
  onGone(): void;
  /** Once, when it is gone and has said all; also when the system would not start it. */
  onEnd(end: DaemonEnd): void;
};

/** What it may take to read the last lines of one that is gone; who has inherited its pipes may keep them open for ever. */
const lastWordsMs = 200;

export class DaemonProcess implements WorkerView, Watched {
  readonly id: number;
  readonly place: number;
  readonly generation: number;
  readonly socket: string;
  readonly post: { readonly number: number };
  readonly bornAt = performance.now();
  readonly #child: ChildProcess;
  readonly #errors = new Tail();
  state: WorkerView['state'] = 'starting';
  since = this.bornAt;
  /** Not known, which is as many as there may be. */
  inFlight = Number.POSITIVE_INFINITY;
  hasServed = false;
  /** Why we end it. */
  doom: string | undefined;
  /** Why it could not start, as it said itself. */
  failure: { readonly problems: readonly string[]; readonly code: number } | undefined;

  /** @throws what the system says that would not start a process. */
  constructor({ id, generation }: Pick<WorkerView, 'id' | 'generation'>, berth: Berth, program: DaemonProgram) {
    this.id = id;
    this.generation = generation;
    this.place = berth.place;
    this.socket = berth.socket;
    this.post = { number: berth.place };
    this.#child = fork(program.main, [], {
      env: tunedEnvironment(daemonEnvironment(program.env, berth), homedir()) as NodeJS.ProcessEnv,
      execArgv: [...nodeFlags],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const say = (stream: SaidBy['stream']) => (line: string) => {
      if (stream === 'stderr') this.#errors.add(line);
      program.onLine(line, { worker: this.place, workerPid: this.pid, stream });
    };
    const { stdout, stderr } = this.#child;
    if (stdout) eachLine(stdout, say('stdout'));
    if (stderr) eachLine(stderr, say('stderr'));
  }

  /** Tells of what happens to it, from now on. */
  follow({ onMessage, onGone, onEnd }: DaemonEvents): void {
    const child = this.#child;
    const { promise: gone, resolve } = Promise.withResolvers<DaemonEnd>();
    const said = Promise.all([child.stdout, child.stderr].map(closed));
    child.on('message', (message) => isOurs(message) && onMessage(message as FromWorker));
    child.once('exit', (code, signal) => resolve({ code, signal }));
    // A message to one that is gone, whose end is told above; one that the system would not start has no other end.
    child.on('error', () => child.pid === undefined && resolve({ code: null, signal: null }));
    void gone.then(async (end) => {
      onGone();
      await Promise.race([said, wait(lastWordsMs)]);
      onEnd(end);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get livedMs(): number {
    return performance.now() - this.bornAt;
  }

  /** The last lines of its standard error. */
  get lastErrors(): readonly string[] {
    return this.#errors.lines;
  }

  /** For statistics. */
  row(): object {
    const { place, pid, state, generation, socket } = this;
    const ageSeconds = Math.round(this.livedMs / 1000);
    return { worker: place, pid, state, generation, ageSeconds, address: `unix:${socket}` };
  }

  enter(state: WorkerView['state']): void {
    this.state = state;
    this.since = performance.now();
  }

  send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, undefined, undefined, () => undefined);
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  /** By whoever found that it hangs. */
  kill(): void {
    this.doom ??= 'hung';
    this.signal('SIGKILL');
  }

  /** Why it ended, in a line. */
  whyOf({ code, signal }: DaemonEnd): string {
    const how = signal ?? (code === null ? 'could not be started' : `exit code ${code}`);
    const said = this.failure?.problems.join('; ') ?? this.lastErrors.at(-1);
    return said === undefined ? how : `${how}: ${said}`;
  }
}

function closed(stream: Readable | null): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (stream === null || stream.closed) resolve();
  else stream.once('close', () => resolve());
  return promise;
}
