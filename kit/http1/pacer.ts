/** Looks at all connections of a listener by and by: who sends a body, or takes an answer, slower than may be? */
import type { Socket } from 'node:net';
import { Fault } from '../semantics/fault.ts';
import type { Connection, InFlight } from './connection.ts';
import type { Guest } from './guest.ts';
import type { Limits } from './node-server.ts';
import { countedMs, PaceMeter, type PaceRule } from './pace.ts';
import { isWantingMore } from './silence.ts';
import { sendingOf } from './unsent.ts';

/** The rules of these limits. */
export function paceRules({ minRate = 0, minRateGrace = 20_000, clientTimeout }: Limits) {
  const bodies: PaceRule = { bytesPerSecond: minRate, graceMs: minRateGrace };
  // The kernel takes more when a third of its buffer is free: of a slow but honest reader nothing is seen for long, then much.
  return { bodies, answers: { ...bodies, graceMs: Math.max(minRateGrace, clientTimeout) } };
}

export type PacerOptions = {
  readonly bodies: PaceRule;
  readonly answers: PaceRule;
  guests(): Iterable<readonly [Socket, Guest]>;
  /** Those that the slow lane knows: only there are bodies read. */
  connections(): Iterable<Connection>;
  /** A body comes too slowly, and its answer has not begun. */
  refuse(connection: Connection, exchange: InFlight, fault: Fault): void;
};

export class Pacer {
  readonly #options: PacerOptions;
  readonly #answers = new WeakMap<Socket, PaceMeter>();
  readonly #bodies = new WeakMap<InFlight, PaceMeter>();

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /** Returns what ends it. One timer for all: on each connection it would be set anew by every packet. */
  start(): Disposable {
    const { bytesPerSecond, graceMs } = this.#options.bodies;
    if (bytesPerSecond === 0) return { [Symbol.dispose]: () => undefined };
    const everyMs = Math.min(Math.max(graceMs / 4, 20), 1_000);
    let [lookedAt, clock] = [performance.now(), 0];
    const look = () => {
      const now = performance.now();
      clock += countedMs(now - lookedAt, everyMs);
      lookedAt = now;
      this.#look(clock);
    };
    const watch = setInterval(look, everyMs).unref();
    return { [Symbol.dispose]: () => clearInterval(watch) };
  }

  #look(now: number): void {
    for (const [socket, guest] of this.#options.guests()) {
      if (!guest.isTunnel) this.#lookAtAnswer(socket, now);
    }
    for (const connection of this.#options.connections()) this.#lookAtBody(connection, now);
  }

  #lookAtAnswer(socket: Socket, now: number): void {
    const sending = socket.writableLength === 0 ? undefined : sendingOf(socket);
    // Once it has taken all that there was, what comes next is counted anew.
    if (sending === undefined || sending.unsent === 0) return void this.#answers.delete(socket);
    const sight = { bytes: sending.taken, isWaiting: true };
    const meter = this.#answers.get(socket);
    if (meter === undefined) this.#answers.set(socket, new PaceMeter(this.#options.answers, sight, now));
    else if (meter.look(sight, now).verdict === 'cut') socket.destroy();
  }

  #lookAtBody(connection: Connection, now: number): void {
    const { current: exchange, socket } = connection;
    if (exchange === undefined || exchange.request.complete || connection.isRefused || connection.isUpgraded) return;
    // A body that nobody reads now (the next hop is slow) makes the client wait for us, not us for the client.
    const sight = { bytes: socket.bytesRead, isWaiting: isWantingMore(exchange.request) };
    const meter = this.#bodies.get(exchange);
    if (meter === undefined) return void this.#bodies.set(exchange, new PaceMeter(this.#options.bodies, sight, now));
    const { verdict, why } = meter.look(sight, now);
    if (verdict === 'keep') return;
    if (exchange.response.headersSent) return void socket.destroy();
    this.#options.refuse(connection, exchange, new Fault('body-timeout', `the request body came ${why}`));
  }
}
