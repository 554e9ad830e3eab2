/** The connections of a tier that has a fast lane: a lane for each, all before the same slow lane. */
import type { Socket } from 'node:net';
import { formatHttpDate } from '../semantics/date.ts';
import { type FastLane, guarded } from './fast-lane.ts';
import type { Guest } from './guest.ts';
import type { Inbound } from './inbound.ts';
import { Lane } from './lane.ts';
import type { LaneShare } from './lane-share.ts';
import { Scratch } from './lane-writer.ts';
import type { Limits } from './node-server.ts';
import { Slots } from './slots.ts';
import type { StandIn } from './stand-in.ts';

export type LanesOptions = {
  readonly fastLane: FastLane;
  readonly limits: Limits;
  trusted(address: string): boolean;
  readonly answersHalfClosed?: boolean;
  isDraining(): boolean;
  endsIdle(): boolean;
  /** To the slow lane. */
  admit(standIn: StandIn, guest: Guest): void;
  /** Its last answer is written, by our own limit. */
  onLast(standIn: StandIn): void;
  onHeadTimeout(standIn: StandIn): void;
  onFailure(error: unknown): void;
};

export class Lanes {
  readonly #all = new Slots<Lane>();
  readonly #share: LaneShare;

  constructor(options: LanesOptions) {
    const { fastLane, limits } = options;
    this.#share = {
      fastLane: guarded(fastLane, (error) => options.onFailure(error)),
      limits,
      scratch: new Scratch(),
      answersHalfClosed: options.answersHalfClosed === true,
      trusted: (address) => options.trusted(address),
      isDraining: () => options.isDraining(),
      endsIdle: () => options.endsIdle(),
      admit: (standIn, guest) => options.admit(standIn, guest),
      onHeadTimeout: (standIn) => options.onHeadTimeout(standIn),
      onLast: (standIn) => options.onLast(standIn),
      tail: tails(limits),
      idleMs: idleMsOf(limits),
      newMs: Math.min(limits.headerTimeout, limits.clientTimeout),
    };
  }

  /** Is an answer on its way that the slow lane knows nothing of? */
  get isBusy(): boolean {
    for (const lane of this.#all) if (lane.isBusy) return true;
    return false;
  }

  /** Requests whose answers the slow lane knows nothing of, and that are not over. */
  get underway(): readonly Inbound[] {
    return [...this.#all].flatMap((lane) => lane.underway);
  }

  /** Closes the connections on which nothing is asked for, behind what is being written. */
  endIdle(): void {
    for (const lane of this.#all) lane.endIdle();
  }

  /** One look at all connections by and by: a timer on each would be set anew by every packet. */
  watchSilence(): Disposable {
    const { newMs, idleMs } = this.#share;
    const everyMs = Math.min(Math.max(Math.min(newMs, idleMs) / 4, 20), 1_000);
    const watch = setInterval(() => {
      const now = performance.now();
      for (const lane of this.#all) lane.endIfSilent(now);
    }, everyMs).unref();
    return { [Symbol.dispose]: () => clearInterval(watch) };
  }

  /** A guest that is refused is the slow lane's at once. */
  take(socket: Socket, guest: Guest): void {
    const lane = new Lane(socket, guest, this.#share);
    const slot = this.#all.add(lane);
    socket.on('close', () => this.#all.remove(slot));
    if (guest.refusal !== undefined) lane.giveUp();
  }
}

/** As node:http: a second longer than it says, for the request that is on its way by then. */
function idleMsOf({ idleTimeout }: Limits): number {
  return idleTimeout === 0 ? Number.POSITIVE_INFINITY : idleTimeout + 1000;
}

/** The ends of heads, made anew once a second. */
function tails({ idleTimeout }: Limits): LaneShare['tail'] {
  const seconds = Math.floor(idleTimeout / 1000);
  const keepAlive = `Connection: keep-alive\r\n${idleTimeout === 0 ? '' : `Keep-Alive: timeout=${seconds}\r\n`}\r\n`;
  const close = 'Connection: close\r\n\r\n';
  const [plain, plainLast] = [Buffer.from(keepAlive), Buffer.from(close)];
  let [dated, datedLast] = [plain, plainLast];
  let second = 0;
  return (hasDate, isLast) => {
    if (hasDate) return isLast ? plainLast : plain;
    const now = Date.now();
    const current = Math.floor(now / 1000);
    if (current !== second) {
      second = current;
      const date = `Date: ${formatHttpDate(now)}\r\n`;
      [dated, datedLast] = [Buffer.from(date + keepAlive), Buffer.from(date + close)];
    }
    return isLast ? datedLast : dated;
  };
}
