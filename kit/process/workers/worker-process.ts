import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { LastWords } from '../arbiter/last-words.ts';
import { type Member, type MemberEnd, type MemberEvents, newcomer, type Seat } from '../arbiter/member.ts';
import { type HangNote, readHangNote } from './hang-note.ts';
import { type FromWorker, isOurs, type ToWorker, type Underway } from './messages.ts';
import type { Post } from './post.ts';

export type WorkerEnd = Omit<MemberEnd, 'why'>;

export type WorkerOptions = {
  readonly seat: Seat;
  readonly post: Post;
  /** Its process: what it writes to a standard error that is piped is written to that of this process. */
  launch(): ChildProcess;
  onMessage(message: FromWorker): void;
  readonly events: MemberEvents;
};

/** One that is replaced is asked on for so long by clients on connections that they have, milliseconds. */
const idleMs = 5_000;
/** What it may take to read the last lines of one that is gone; who has inherited its pipes may keep them open for ever. */
const lastWordsMs = 200;

/** One process of a tier: forked with the flags and the arguments of this one, its output on the same standard output. */
export class WorkerProcess implements Member {
  readonly id: number;
  readonly place: number;
  readonly generation: number;
  readonly post: Post;
  readonly #child: ChildProcess;
  readonly #events: MemberEvents;
  readonly #errors = new LastWords();
  state: Member['state'];
  since: number;
  hasServed: boolean;
  inFlight: number;
  tired: Member['tired'];
  /** Why it could not start, as it said itself. */
  failure: { readonly problems: readonly string[]; readonly code: number } | undefined;
  /** What took it long when it was last heard. */
  underway: readonly Underway[] = [];
  /** What it said where it ended because it hung. */
  #hang: HangNote | undefined;

  constructor({ seat, post, launch, onMessage, events }: WorkerOptions) {
    ({ state: this.state, since: this.since, hasServed: this.hasServed, inFlight: this.inFlight } = newcomer());
    ({ id: this.id, place: this.place, generation: this.generation } = seat);
    this.post = post;
    this.#events = events;
    const child = launch();
    this.#child = child;
    child.on('message', (message: unknown) => isOurs(message) && onMessage(message as FromWorker));
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors.add(chunk);
      process.stderr.write(chunk);
    });
    const { promise: ended, resolve } = Promise.withResolvers<WorkerEnd>();
    child.once('exit', (code, signal) => resolve({ code, signal: signal || null }));
    // A message to one that is gone, whose end is told above; one that the system would not start has no other end.
    child.on('error', () => {
      if (child.pid === undefined) resolve({ code: 1, signal: null });
    });
    void this.#follow(ended);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isReady(): boolean {
    return this.state === 'ready';
  }

  /** The end of what it wrote to its standard error, where that is piped. */
  get lastErrors(): readonly string[] {
    return this.#errors.lines;
  }

  /** For whoever says how it ended. */
  get record(): object {
    const { lastErrors: stderr, underway: inFlight } = this;
    if (this.#hang === undefined) return { stderr, inFlight };
    const { requests, stack } = this.#hang;
    return { stderr, inFlight, unanswered: requests, stacks: stack };
  }

  send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, undefined, undefined, () => undefined);
  }

  /** It ends by itself then. */
  retire(): Promise<void> {
    this.send({ trivet: 'drain', idleMs });
    return new Promise(() => undefined);
  }

  /** An event loop that stands still says nothing of where, and hears nothing. */
  signal(name: 'SIGTERM' | 'SIGABRT' | 'SIGKILL'): void {
    this.#child.kill(name === 'SIGABRT' ? 'SIGKILL' : name);
  }

  /** By whoever found that it hangs. */
  kill(): void {
    if (this.post.isSupervised) return this.#events.onTired('timeout');
    this.#events.onDoomed('hung');
    this.signal('SIGKILL');
  }

  async #follow(ended: Promise<WorkerEnd>): Promise<void> {
    const end = await ended;
    this.#events.onGone();
    const { stderr } = this.#child;
    const { promise: isRead, resolve } = Promise.withResolvers<void>();
    stderr?.once('close', resolve);
    if (stderr && !stderr.closed) await Promise.race([isRead, wait(lastWordsMs)]);
    this.#hang = readHangNote(this.lastErrors, this.pid);
    if (this.#hang !== undefined) this.#events.onDoomed('timeout');
    const problems = this.failure === undefined ? '' : ` (${this.failure.problems.join('; ')})`;
    this.#events.onEnd({ ...end, why: howOf(end) + problems });
  }
}

/** How it ended, for people. */
export function howOf({ code, signal }: WorkerEnd): string {
  return signal ?? `exit code ${code}`;
}
