/**
 * The Python workers of a tier: generations of them, each from a fork server of its own. The arbiter says who is started and who
 * ends; here its members are made, watched, and counted, and what the dispatcher finds out about them is told to it.
 */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Arbiter } from '@trivet/kit/process/arbiter/arbiter.ts';
import type { MemberEnd, MemberEvents, Seat } from '@trivet/kit/process/arbiter/member.ts';
import type { PlanLimits } from '@trivet/kit/process/arbiter/plan.ts';
import type { Reloaded } from '@trivet/kit/process/arbiter/reloaded.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import { type Environment, SettingsProblem } from '@trivet/kit/process/settings.ts';
import { Heartbeat } from '@trivet/kit/process/workers/heartbeat.ts';
import type { Pool, SlotSource } from '../seam.ts';
import { Ends } from './ends.ts';
import type { Configure } from './fork-server.ts';
import { endAll, Generation } from './generation.ts';
import { lineLogger } from './output.ts';
import { PythonMember } from './python-member.ts';
import { type Endurance, enduranceOf, type WearLimits, wornBy } from './wear.ts';

export type PoolOptions = {
  readonly python: string;
  readonly shim: string;
  readonly env: Environment;
  readonly configure: Omit<Configure, 'socket' | 'token'>;
  /** A private folder for their sockets. */
  readonly folder: string;
  readonly wanted: number;
  /** Silence after which a worker is taken for one that hangs, milliseconds; 0: never. */
  readonly timeoutMs: number;
  readonly limits: PlanLimits;
  readonly wear: WearLimits;
  readonly log: Log;
  relay(line: string): void;
};

/** How often workers are looked at for what wears them out. */
const lookMs = 2_000;
/** What the end of a worker may take to be known, for an answer that waits. */
const howEndedMs = 25;
/** What workers have to end when this process does. */
const stopMs = 2_500;
const exitConfig = 78;

export class PythonPool implements Pool, AsyncDisposable {
  readonly #options: PoolOptions;
  readonly #arbiter: Arbiter<PythonMember>;
  readonly #heartbeat: Heartbeat;
  readonly #looking: NodeJS.Timeout;
  readonly #events = new WeakMap<PythonMember, MemberEvents>();
  readonly #endurance = new WeakMap<PythonMember, Endurance>();
  /** Where workers are made, by number; of a generation of code the newest. */
  readonly #homes = new Map<number, Generation>();
  readonly #print: ReturnType<typeof lineLogger>;
  readonly #ends = new Ends();
  #slots: SlotSource | undefined;
  #sockets = 0;
  #isDraining = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    const { wanted, limits, log, timeoutMs } = options;
    this.#print = lineLogger(options);
    this.#arbiter = new Arbiter<PythonMember>({
      ...{ wanted, limits, log },
      nameOf: (place) => `Python worker ${place}`,
      spawn: (seat, events) => this.#spawn(seat, events),
      onChange: () => this.#changed(),
      fatal: ({ failure }) => (failure?.code === exitConfig ? new SettingsProblem(failure.problems) : undefined),
      record: (member, end) => this.#recordOf(member, end),
    });
    this.#heartbeat = new Heartbeat({ timeoutMs, log, workers: () => this.#arbiter.members });
    this.#looking = setInterval(() => this.#look(), lookMs).unref();
  }

  /** Who has the slots; to be told before `start`. */
  follow(slots: SlotSource): void {
    this.#slots = slots;
  }

  /**
   * Starts all; resolves once each is ready, or has fallen and is tried again.
   * @throws SettingsProblem when the application does not load.
   */
  async start(): Promise<void> {
    await this.#arbiter.start();
  }

  /** `true` while somebody serves, or why nobody does. */
  get readiness(): true | string {
    return this.#arbiter.ready.length > 0 || this.#arbiter.readiness;
  }

  get members(): readonly PythonMember[] {
    return this.#arbiter.members;
  }

  get isStopping(): boolean {
    return this.#arbiter.isStopping;
  }

  /** How many ended, by reason. */
  get ends(): Readonly<Record<string, number>> {
    return this.#arbiter.ends;
  }

  /** What the arbiter knows of all of them together, and where they come from. JSON. */
  get stats() {
    const { stats } = this.#arbiter;
    const forkServers = [...this.#homes].map(([generation, { pid }]) => ({ generation, pid }));
    return { arbiter: { ...stats, lastEnd: this.#ends.last ?? stats.lastEnd }, forkServers };
  }

  reload(why: string): Promise<Reloaded> {
    return this.#arbiter.reload(why);
  }

  /** So many more, or fewer, but one at least. */
  resize(by: number): void {
    this.#arbiter.resize(by);
  }

  /** This server is to end: those that serve, or will, hear of it. */
  drain(): void {
    this.#isDraining = true;
    this.#changed();
  }

  onBroken(worker: number, why: string): void {
    this.#with(worker, (member, events) => {
      this.#options.log.error({ worker: member.place, workerPid: member.pid }, `a Python worker is ended: ${why}`);
      events.onDoomed('protocol');
      member.signal('SIGKILL');
    });
  }

  onHung(worker: number, why: string): void {
    this.#with(worker, (member, events) => {
      if (member.tired === 'timeout') return;
      const about = { worker: member.place, workerPid: member.pid, requests: member.requests };
      this.#options.log.error(about, `a Python worker hangs: ${why}`);
      events.onTired('timeout');
    });
  }

  onLeaving(worker: number): void {
    this.#with(worker, (_member, events) => events.onTired('asked'));
  }

  onServed(worker: number): void {
    this.#with(worker, (member) => {
      member.served += 1;
      this.#judge(member);
    });
  }

  async howEnded(worker: number): Promise<string | undefined> {
    const known = this.#ends.howEnded(worker) ?? this.#memberOf(worker)?.howEnded;
    return await Promise.race([known, wait(howEndedMs, undefined, { ref: false })]);
  }

  /** Those that are there are told to end, and their fork servers end behind them. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#looking);
    await this.#arbiter.stop((member) => member.stop(), stopMs);
    this.#heartbeat[Symbol.dispose]();
    await endAll([...this.#homes.values()]);
  }

  #spawn(seat: Seat, events: MemberEvents): PythonMember {
    const slots = this.#slots;
    if (slots === undefined) throw new Error('nobody takes the slots of the Python workers');
    const host = {
      slots,
      onPrinted: this.#print,
      onHeard: (heard: PythonMember) => this.#heartbeat.heard(heard),
    };
    const member = new PythonMember(seat, this.#homeOf(seat.generation), host, events);
    this.#events.set(member, events);
    this.#endurance.set(member, enduranceOf(this.#options.wear, Math.random()));
    return member;
  }

  /** A fork server that has fallen, or cannot import the application, is followed by another one. */
  #homeOf(generation: number): Generation {
    const known = this.#homes.get(generation);
    if (known?.isUsable === true) return known;
    known?.letGo();
    const { python, shim, env, configure, folder, log } = this.#options;
    this.#sockets += 1;
    const home = new Generation({
      program: { python, shim, env },
      configure,
      socket: join(folder, `${this.#sockets}.sock`),
      log,
      onPrinted: this.#print,
    });
    this.#homes.set(generation, home);
    return home;
  }

  #changed(): void {
    this.#tidyUp();
    const { ready, stats } = this.#arbiter;
    this.#slots?.setHopeless(ready.length === 0 && stats.isHopeless);
    if (this.#isDraining) for (const member of ready) member.send({ trivet: 'drain' });
  }

  /** Fork servers of code that is outdated, and whose workers have all ended, are let go. */
  #tidyUp(): void {
    for (const [generation, home] of this.#homes) {
      if (generation === this.#arbiter.generation || !home.isEmpty) continue;
      home.letGo();
      this.#homes.delete(generation);
    }
  }

  #look(): void {
    for (const member of this.#arbiter.ready) this.#judge(member);
  }

  #judge(member: PythonMember): void {
    const endurance = this.#endurance.get(member);
    if (endurance === undefined || member.state !== 'ready' || member.tired !== undefined) return;
    const { served: requests, livedMs: ageMs } = member;
    const rssBytes = Number.isFinite(endurance.rssBytes) ? member.rssBytes : 0;
    const why = wornBy({ requests, ageMs, rssBytes }, endurance);
    if (why !== undefined) this.#events.get(member)?.onTired(why);
  }

  #recordOf(member: PythonMember, { code, signal, why }: MemberEnd): object {
    const { place: worker, pid, generation, livedMs, lastErrors: stderr, requests } = member;
    const livedSeconds = Math.round(livedMs) / 1000;
    this.#ends.note(member.id, { worker, pid, generation, code, signal, why, livedSeconds, stderr, requests });
    return { stderr, requests };
  }

  #memberOf(worker: number): PythonMember | undefined {
    return this.#arbiter.members.find(({ id }) => id === worker);
  }

  #with(worker: number, what: (member: PythonMember, events: MemberEvents) => void): void {
    const member = this.#memberOf(worker);
    const events = member && this.#events.get(member);
    if (member && events) what(member, events);
  }
}
