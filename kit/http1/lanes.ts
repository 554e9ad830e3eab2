/** The listening socket of a tier that has a fast lane: a lane for each connection, all before the same slow lane. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Address } from '../process/units.ts';
import { formatHttpDate } from '../semantics/date.ts';
import { placeFor } from './crowd.ts';
import { type FastLane, guarded } from './fast-lane.ts';
import { Lane } from './lane.ts';
import type { LaneShare } from './lane-share.ts';
import { Scratch } from './lane-writer.ts';
import type { Limits } from './node-server.ts';
import type { StandIn } from './stand-in.ts';
import { watchUnread } from './unread.ts';

export type LanesOptions = {
  readonly fastLane: FastLane;
  readonly limits: Limits;
  readonly kind: Address['kind'];
  trusted(address: string): boolean;
  isDraining(): boolean;
  /** To the slow lane. `isBeyond` the limit of connections: to be refused. */
  admit(standIn: StandIn, isBeyond: boolean): void;
  /** Its last answer is written, by our own limit. */
  onLast(standIn: StandIn): void;
  /** Too many are refused already. */
  onCut(socket: Socket): void;
  onHeadTimeout(standIn: StandIn): void;
  onFailure(error: unknown): void;
  onClose(): void;
};

export class Lanes {
  readonly server: Server;
  readonly #options: LanesOptions;
  readonly #all = new Set<Lane>();
  readonly #share: LaneShare;

  constructor(options: LanesOptions) {
    this.#options = options;
    const { fastLane, limits, kind } = options;
    this.#share = {
      fastLane: guarded(fastLane, (error) => options.onFailure(error)),
      limits,
      kind,
      scratch: new Scratch(),
      trusted: (address) => options.trusted(address),
      isDraining: () => options.isDraining(),
      admit: (standIn) => options.admit(standIn, false),
      onHeadTimeout: (standIn) => options.onHeadTimeout(standIn),
      onLast: (standIn) => options.onLast(standIn),
      tail: tails(limits),
      idleMs: idleMsOf(limits),
      newMs: Math.min(limits.headerTimeout, limits.clientTimeout),
    };
    this.server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#onConnection(socket));
    this.server.once('listening', () => {
      this.#watchSilence();
      watchUnread(this.server, limits.clientTimeout, () => this.#all.values().map(({ socket }) => socket));
    });
  }

  get size(): number {
    return this.#all.size;
  }

  /** Is an answer on its way that the slow lane knows nothing of? */
  get isBusy(): boolean {
    return this.#all.values().some((lane) => lane.isBusy);
  }

  /** Closes the connections on which nothing is asked for, behind what is being written. */
  endIdle(): void {
    for (const lane of this.#all) lane.endIdle();
  }

  destroyAll(): void {
    for (const { socket } of this.#all) socket.destroy();
  }

  /** One look at all connections by and by: a timer on each would be set anew by every packet. */
  #watchSilence(): void {
    const { newMs, idleMs } = this.#share;
    const everyMs = Math.min(Math.max(Math.min(newMs, idleMs) / 4, 20), 1_000);
    const watch = setInterval(() => {
      const now = performance.now();
      for (const lane of this.#all) lane.endIfSilent(now);
    }, everyMs).unref();
    this.server.once('close', () => clearInterval(watch));
  }

  #onConnection(socket: Socket): void {
    const place = placeFor(this.#all.size, this.#options.limits.maxConnections);
    if (place === 'none') return this.#options.onCut(socket);
    const isBeyond = place === 'to-be-refused';
    const share = isBeyond ? this.#refusing : this.#share;
    const lane = new Lane(socket, share);
    this.#all.add(lane);
    socket.once('close', () => {
      this.#all.delete(lane);
      this.#options.onClose();
    });
    if (isBeyond) lane.giveUp();
  }

  get #refusing(): LaneShare {
    return { ...this.#share, admit: (standIn) => this.#options.admit(standIn, true) };
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
