/**
 * The processes of the app, as the front runs them itself, in the way of mod_wsgi's daemon processes. An arbiter looks after
 * them; whoever sends requests is told which sockets serve before anybody is ended.
 */
import { join } from 'node:path';
import { Arbiter } from '@trivet/kit/process/arbiter/arbiter.ts';
import { problemsOf } from '@trivet/kit/process/arbiter/ending.ts';
import type { MemberEnd, MemberEvents, Seat } from '@trivet/kit/process/arbiter/member.ts';
import type { Reloaded } from '@trivet/kit/process/arbiter/reloaded.ts';
import { SettingsProblem } from '@trivet/kit/process/settings.ts';
import { Heartbeat } from '@trivet/kit/process/workers/heartbeat.ts';
import { DaemonProcess } from './daemon-process.ts';
import type { DaemonsOptions } from './daemons-options.ts';
import { berthIn } from './environment.ts';
import type { Serving } from './places.ts';
import { Announcer, type Senders } from './senders.ts';

const stopMs = 3_000;
/** EX_CONFIG of sysexits.h: what the user set or wrote is to blame. */
const exitConfig = 78;

export class Daemons implements AsyncDisposable {
  readonly #options: DaemonsOptions;
  readonly #arbiter: Arbiter<DaemonProcess>;
  readonly #heartbeat: Heartbeat;
  readonly #announcer: Announcer;

  constructor(options: DaemonsOptions) {
    this.#options = options;
    const { count, timeoutMs, limits, log } = options;
    this.#announcer = new Announcer(log);
    this.#arbiter = new Arbiter<DaemonProcess>({
      wanted: count,
      limits,
      log,
      nameOf: (place) => `process ${place} of the app`,
      spawn: (seat, events) => this.#spawn(seat, events),
      onChange: () => this.#announcer.tell(this.serving),
      fatal: (worker, end) => this.#fatal(worker, end),
      record: ({ lastErrors }) => ({ stderr: lastErrors }),
    });
    this.#heartbeat = new Heartbeat({ timeoutMs, log, workers: () => this.#arbiter.members });
  }

  /**
   * Starts all; resolves once each is ready, or has fallen and is tried again.
   * @throws SettingsProblem when what the user set or wrote keeps the first of them from starting.
   */
  start(): Promise<void> {
    return this.#arbiter.start();
  }

  /** From now on `senders` are told who serves. */
  follow(senders: Senders): void {
    this.#announcer.follow(senders, this.serving);
  }

  get serving(): Serving {
    const { ready, isExpected } = this.#arbiter;
    return { ready: ready.map(({ socket }) => socket), nobody: join(this.#options.folder, 'none'), isExpected };
  }

  /** How many ended, by reason. */
  get ends(): Readonly<Record<string, number>> {
    return this.#arbiter.ends;
  }

  /** Replaces each by one with the code as it is now, one after another, each once the new one is ready. */
  reload(why: string): Promise<Reloaded> {
    return this.#arbiter.reload(why);
  }

  stats(): object {
    const { members, rows, stats } = this.#arbiter;
    const workers = rows.map((row, at) => ({ ...row, address: `unix:${members[at]?.socket}` }));
    return { ...stats, workers };
  }

  /** Lets each finish, and end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#heartbeat[Symbol.dispose]();
    await this.#arbiter.stop((worker) => worker.signal('SIGTERM'), stopMs);
  }

  #spawn(seat: Seat, events: MemberEvents): DaemonProcess {
    const { folder, program } = this.#options;
    const { onDoomed, onGone, onEnd } = events;
    const worker: DaemonProcess = new DaemonProcess(seat, berthIn(folder, seat.id, seat.place), program, {
      ...{ onDoomed, onGone, onEnd },
      idle: () => this.#announcer.idle(worker.socket, () => worker.state === 'leaving' && !this.#arbiter.isStopping),
      onMessage: (message) => {
        this.#heartbeat.heard(worker);
        if (message.trivet === 'failed') worker.failure = { problems: message.problems, code: message.code };
        if (message.trivet === 'ready') events.onReady();
        if (message.trivet === 'tired') events.onTired(message.why);
      },
    });
    return worker;
  }

  #fatal(worker: DaemonProcess, { code, why }: MemberEnd): Error | undefined {
    const hasServed = this.#arbiter.members.some((other) => other.hasServed);
    return code === exitConfig && !hasServed ? new SettingsProblem(problemsOf(worker, why)) : undefined;
  }
}
