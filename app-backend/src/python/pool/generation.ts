/**
 * Workers that come from one fork server: its process, and the socket that they connect to. Who asks for a worker is told what
 * becomes of it. Once its fork server has ended it makes no more; those that it made go on, and are theirs to replace.
 */
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { LastWords } from '@trivet/kit/process/arbiter/last-words.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import { Doors } from './doors.ts';
import { type Configure, ForkServer, type ForkServerProgram, type WorkerSignal } from './fork-server.ts';
import type { Printed } from './output.ts';
import type { Failure, Hello, WorkerEnd } from './told.ts';

export type GenerationOptions = {
  readonly program: Pick<ForkServerProgram, 'python' | 'shim' | 'env'>;
  readonly configure: Omit<Configure, 'socket' | 'token'>;
  /** Where its socket is to be, in a private folder. */
  readonly socket: string;
  readonly log: Log;
  onPrinted(line: string, by: Printed): void;
};

/** What who asked for a worker is told. */
export type Child = {
  readonly id: number;
  onForked(pid: number): void;
  /** A connection of it, behind its `hello`. */
  onGuest(is: Hello['is'], socket: Socket): void;
  /** Resolves when what it may have said before is of no more interest. */
  onExited(end: WorkerEnd): Promise<void>;
  /** There is, and will be, no such worker. */
  onUnborn(failure: Failure): void;
  /** It lives, and nobody will tell how it ends, or signal it. */
  onOrphaned(): void;
};

/** A fork server does what it is told at once. One that does not is halted, or stuck, and can do no more than be in the way. */
const obeysMs = 1_500;
/** To fork may take longer, where there is much memory. */
const forksMs = 10_000;
/** What one has to end, without workers. */
const endsMs = 1_000;

type State = 'opening' | 'ready' | 'over';

export class Generation {
  readonly #options: GenerationOptions;
  readonly #children = new Map<number, Child>();
  /** Those that have ended, and whose connections may only come in now. */
  readonly #departed = new Map<number, Child>();
  /** Those that the fork server has not made yet. */
  readonly #unborn = new Set<number>();
  readonly #errors = new LastWords();
  readonly #over = Promise.withResolvers<void>();
  readonly #tried = Promise.withResolvers<Failure | undefined>();
  #doors: Doors | undefined;
  #forkServer: ForkServer | undefined;
  #failure: Failure | undefined;
  #state: State = 'opening';
  #isLetGo = false;

  constructor(options: GenerationOptions) {
    this.#options = options;
    void this.#open();
  }

  /** Can it, as far as is known, make workers? */
  get isUsable(): boolean {
    return this.#state !== 'over' && !this.#isLetGo && this.#failure === undefined;
  }

  get isEmpty(): boolean {
    return this.#children.size === 0;
  }

  /** Of the fork server; 0 before there is one. */
  get pid(): number {
    return this.#forkServer?.pid ?? 0;
  }

  fork(child: Child): void {
    this.#children.set(child.id, child);
    this.#unborn.add(child.id);
    if (this.#state === 'ready') this.#ask(child.id);
    // Told later: who asks has no worker before this is over.
    else if (this.#state === 'over') setImmediate(() => this.#lost(this.#failure ?? ended('the fork server is gone')));
  }

  /** What is sent to one that is not there yet ends the fork server when that is what it waits for. */
  signal(id: number, name: WorkerSignal): void {
    if (this.#unborn.has(id) && this.#state === 'opening') this.kill();
    else this.#forkServer?.signal(id, name);
    // What comes behind a fork waits for it.
    const withinMs = this.#unborn.has(id) ? forksMs : obeysMs;
    if (name === 'SIGKILL') this.#expect(withinMs, () => !this.#children.has(id));
  }

  /** Ends the fork server; those that it has made go on. */
  kill(): void {
    this.#isLetGo = true;
    this.#forkServer?.kill();
  }

  /** Makes no more; its fork server ends behind the last of its workers. */
  letGo(): void {
    if (this.#isLetGo) return;
    this.#isLetGo = true;
    this.#forkServer?.letGo();
    void this.#doors?.[Symbol.asyncDispose]();
  }

  /** Resolves when it can make workers, or with why it never will. */
  get tried(): Promise<Failure | undefined> {
    return this.#tried.promise;
  }

  /** Resolves when its fork server is gone. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  async #open(): Promise<void> {
    const { socket: path, log, configure, program } = this.#options;
    try {
      const onGuest = (hello: Hello, socket: Socket) => this.#guest(hello, socket);
      const doors = await Doors.open({ path, log, onGuest });
      this.#doors = doors;
      if (this.#isLetGo) return this.#ended('it was not wanted any more');
      const onLine = (line: string, stream: Printed['stream'], pid: number) => {
        if (stream === 'stderr') this.#errors.add(Buffer.from(`${line}\n`));
        this.#options.onPrinted(line, { stream, pid });
      };
      this.#forkServer = new ForkServer(
        { ...program, onLine },
        { ...configure, socket: doors.path, token: doors.token },
        {
          onReady: () => this.#ready(),
          onFailed: (failure) => this.#failed(failure),
          onForked: (id, pid) => this.#forked(id, pid),
          onExited: (id, end) => this.#exited(id, end),
          onEnd: (why) => this.#ended(why),
        },
      );
    } catch (error) {
      log.error({ err: error }, 'no fork server could be started');
      this.#ended(error instanceof Error ? error.message : String(error));
    }
  }

  #ready(): void {
    this.#state = 'ready';
    this.#tried.resolve(undefined);
    for (const id of this.#unborn) this.#ask(id);
  }

  #ask(id: number): void {
    this.#forkServer?.fork(id);
    this.#expect(forksMs, () => !this.#unborn.has(id));
  }

  /** Its workers know of each other without it, so it is ended, and another one has its place. */
  #expect(withinMs: number, isDone: () => boolean): void {
    setTimeout(() => {
      if (this.#state === 'over' || isDone()) return;
      this.#options.log.error(
        { forkServerPid: this.pid },
        'the fork server does not do what it is told, and is killed',
      );
      this.kill();
    }, withinMs).unref();
  }

  #failed(failure: Failure): void {
    this.#failure = failure;
    this.#tried.resolve(failure);
    this.#lost(failure);
  }

  #forked(id: number, pid: number): void {
    this.#unborn.delete(id);
    this.#children.get(id)?.onForked(pid);
  }

  #exited(id: number, end: WorkerEnd): void {
    const child = this.#children.get(id);
    this.#children.delete(id);
    this.#unborn.delete(id);
    if (child === undefined) return;
    this.#departed.set(id, child);
    void child.onExited(end).then(() => void this.#departed.delete(id));
  }

  #guest({ worker, is }: Hello, socket: Socket): void {
    const child = this.#children.get(worker) ?? this.#departed.get(worker);
    if (child !== undefined) return child.onGuest(is, socket);
    socket.destroy();
  }

  #ended(why: string): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    void this.#doors?.[Symbol.asyncDispose]();
    const said = this.#errors.lines.at(-1);
    this.#failure ??= ended(`the fork server ended by ${why}${said === undefined ? '' : `: ${said}`}`);
    this.#tried.resolve(this.#failure);
    this.#lost(this.#failure);
    const orphans = [...this.#children.values()];
    this.#children.clear();
    if (orphans.length > 0) {
      this.#options.log.error(
        { stderr: this.#errors.lines, why },
        `the fork server ended by ${why}; its workers are replaced`,
      );
    }
    for (const orphan of orphans) orphan.onOrphaned();
    this.#over.resolve();
  }

  #lost(failure: Failure): void {
    const lost = [...this.#unborn].flatMap((id) => this.#children.get(id) ?? []);
    this.#unborn.clear();
    for (const child of lost) this.#children.delete(child.id);
    for (const child of lost) child.onUnborn(failure);
  }
}

/** Behind the last of their workers: fork servers that do not end by themselves then are killed. */
export async function endAll(homes: readonly Generation[]): Promise<void> {
  for (const home of homes) home.letGo();
  await Promise.race([Promise.all(homes.map(({ over }) => over)), wait(endsMs)]);
  for (const home of homes) home.kill();
}

function ended(problem: string): Failure {
  return { problems: [problem], code: 1 };
}
