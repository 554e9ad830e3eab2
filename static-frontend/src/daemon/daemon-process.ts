/**
 * One process of the app: forked, heard, told, ended. It is told over its channel that it is a worker, as those of a tier
 * are, so that it says when it is ready and why it cannot start, answers whether it hangs, and ends when this process is gone.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { homedir } from 'node:os';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type Member,
  type MemberEnd,
  type MemberEvents,
  newcomer,
  type Seat,
} from '@trivet/kit/process/arbiter/member.ts';
import { eachLine, Tail } from '@trivet/kit/process/output-lines.ts';
import type { Environment } from '@trivet/kit/process/settings.ts';
import { nodeFlags, tunedEnvironment } from '@trivet/kit/process/tune.ts';
import type { Watched } from '@trivet/kit/process/workers/heartbeat.ts';
import { type FromWorker, isOurs, type ToWorker } from '@trivet/kit/process/workers/messages.ts';
import { type Berth, daemonEnvironment } from './environment.ts';

/** A line that a process wrote, and which one. */
export type SaidBy = { readonly worker: number; readonly workerPid: number; readonly stream: 'stdout' | 'stderr' };

/** What all of them are made from. */
export type DaemonProgram = {
  readonly main: string;
  /** Of the front. */
  readonly env: Environment;
  onLine(line: string, by: SaidBy): void;
};

/** What is to be done for one, and with what it says. */
export type DaemonEvents = Pick<MemberEvents, 'onDoomed' | 'onGone' | 'onEnd'> & {
  onMessage(message: FromWorker): void;
  /** Resolves once nobody sends it anything any more and all of that is answered. */
  idle(): Promise<void>;
};

/** What it may take to read the last lines of one that is gone; who has inherited its pipes may keep them open for ever. */
const lastWordsMs = 200;

export class DaemonProcess implements Member, Watched {
  readonly id: number;
  readonly place: number;
  readonly generation: number;
  readonly socket: string;
  readonly post: { readonly number: number };
  readonly #child: ChildProcess;
  readonly #errors = new Tail();
  readonly #events: DaemonEvents;
  state: Member['state'];
  since: number;
  hasServed: boolean;
  inFlight: number;
  tired: Member['tired'];
  /** Why it could not start, as it said itself. */
  failure: { readonly problems: readonly string[]; readonly code: number } | undefined;

  /** @throws what the system says that would not start a process. */
  constructor({ id, generation }: Seat, berth: Berth, program: DaemonProgram, events: DaemonEvents) {
    ({ state: this.state, since: this.since, hasServed: this.hasServed, inFlight: this.inFlight } = newcomer());
    this.#events = events;
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
    this.#follow();
  }

  #follow(): void {
    const { onMessage, onGone, onEnd } = this.#events;
    const child = this.#child;
    const { promise: gone, resolve } = Promise.withResolvers<Omit<MemberEnd, 'why'>>();
    const said = Promise.all([child.stdout, child.stderr].map(closed));
    child.on('message', (message) => isOurs(message) && onMessage(message as FromWorker));
    child.once('exit', (code, signal) => resolve({ code, signal }));
    // A message to one that is gone, whose end is told above; one that the system would not start has no other end.
    child.on('error', () => child.pid === undefined && resolve({ code: null, signal: null }));
    void gone.then(async (end) => {
      onGone();
      await Promise.race([said, wait(lastWordsMs)]);
      onEnd({ ...end, why: this.#whyOf(end) });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The last lines of its standard error. */
  get lastErrors(): readonly string[] {
    return this.#errors.lines;
  }

  retire(): Promise<void> {
    return this.#events.idle();
  }

  send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, undefined, undefined, () => undefined);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** By whoever found that it hangs. */
  kill(): void {
    this.#events.onDoomed('hung');
    this.signal('SIGKILL');
  }

  /** Why it ended, in a line. */
  #whyOf({ code, signal }: Omit<MemberEnd, 'why'>): string {
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
