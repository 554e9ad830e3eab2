/**
 * One connection to a Python worker: one request at a time. Owns the order of frames, idle → asked → taken → answering → idle;
 * a worker that does not keep to it is broken, for nobody could tell whose answer its bytes are.
 */
import type { Socket } from 'node:net';
import { FrameParser, frame, frameStart } from './frames.ts';
import type { SlotUser } from './slot-user.ts';

/** Who has all slots. */
export interface SlotOwner {
  readonly clock: () => number;
  /** `wasServed`: the request was taken, and is over. */
  onFree(slot: Slot, wasServed: boolean): void;
  onLeaving(slot: Slot): void;
  onBroken(slot: Slot, why: string): void;
  /** Closed, for whatever reason; told of once. */
  onClosed(slot: Slot): void;
}

const letters = ['T', 'L', 'X', 'R', 'H', 'D', 'E', 'A', 'Y', 'G'] as const;
type Letter = (typeof letters)[number];
type State = 'idle' | 'asked' | 'taken' | 'answering' | 'dead';

/** When each frame may come. */
const allowed: Readonly<Record<State, ReadonlySet<Letter>>> = {
  idle: new Set(),
  asked: new Set(['T', 'L', 'X']),
  taken: new Set(['R', 'Y', 'G', 'H', 'A']),
  answering: new Set(['R', 'Y', 'G', 'D', 'E', 'A']),
  dead: new Set(),
};

export class Slot {
  // As long as the connection.
  readonly worker: number;
  readonly #socket: Socket;
  readonly #owner: SlotOwner;
  readonly #parser = new FrameParser(letters, (letter, payload) => this.#onFrame(letter, payload));
  #state: State = 'idle';
  // As long as one request.
  #user: SlotUser | undefined;
  #isAborted = false;
  #isPaused = false;
  /** Since when the worker has been silent, or should have come to an end. */
  #heardAt = 0;

  constructor(worker: number, socket: Socket, owner: SlotOwner) {
    this.worker = worker;
    this.#socket = socket;
    this.#owner = owner;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.once('close', () => this.#onClose());
    // What failed is told of by `close`.
    socket.on('error', () => undefined);
    socket.resume();
  }

  /** Was the request taken that it has, as far as was heard? */
  get isTaken(): boolean {
    return this.#state === 'taken' || this.#state === 'answering';
  }

  /** Gives it a request: the head, which is text of latin-1, and what is sent with it. */
  ask(user: SlotUser, head: string, rest?: Buffer): void {
    this.#user = user;
    this.#state = 'asked';
    this.#heardAt = this.#owner.clock();
    if (rest === undefined) return void this.#socket.write(head, 'latin1');
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    this.#socket.write(rest);
    this.#socket.uncork();
  }

  /** Bytes of the request's body, which must not be changed any more. */
  send(piece: Uint8Array): void {
    if (this.#state === 'dead') return;
    this.#socket.cork();
    this.#socket.write(frameStart('D', piece.length));
    this.#socket.write(piece);
    this.#socket.uncork();
    this.touch();
  }

  sendEnd(): void {
    if (this.#state === 'dead') return;
    this.#socket.write(frame('E'));
    this.touch();
  }

  /** The worker's silence begins anew. */
  touch(): void {
    this.#heardAt = this.#owner.clock();
  }

  /** So many milliseconds count for no silence. */
  forgive(ms: number): void {
    this.#heardAt = Math.min(this.#heardAt + ms, this.#owner.clock());
  }

  /** The answer is not wanted any more; its user hears nothing more, and the slot is free when the worker says so. */
  abort(why: string): void {
    this.#user = undefined;
    if (this.#state === 'idle' || this.#state === 'dead') return;
    this.resume();
    this.touch();
    this.#isAborted = true;
    this.#socket.write(frame('A', Buffer.from(why)));
  }

  /** Takes nothing more of the answer from the worker. */
  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.touch();
    this.#socket.resume();
  }

  /** Ends it if its worker has been silent for longer than it may be: true, and why. */
  whyHung(mostMs: number): string | undefined {
    const now = this.#owner.clock();
    if (this.#user?.isWaitingForClient()) this.#heardAt = now;
    if (this.#state === 'idle' || this.#state === 'dead' || now - this.#heardAt < mostMs) return undefined;
    const why = this.#isAborted
      ? `the worker did not end within ${mostMs}ms what was not wanted any more`
      : `the worker was silent for ${mostMs}ms`;
    const user = this.#user;
    this.#die();
    user?.hung(why);
    return why;
  }

  /** Closes the connection. */
  destroy(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    // What is not wanted any more has to end, however much still comes of it.
    if (!this.#isAborted) this.touch();
    const why = this.#parser.push(chunk);
    if (why !== undefined) this.#break(why);
    this.#user?.settle();
  }

  #onFrame(letter: Letter, payload: Buffer): void {
    if (this.#state === 'dead') return;
    if (this.#isAborted) return this.#onFrameAfterAbort(letter);
    if (!allowed[this.#state].has(letter)) return this.#break(`a frame ${letter} while ${this.#state}`);
    const user = this.#user;
    if (user === undefined) return;
    switch (letter) {
      case 'D':
        return user.data(payload);
      case 'T':
        this.#state = 'taken';
        return;
      case 'H':
        this.#state = 'answering';
        return this.#judge(user.head(payload));
      case 'E':
        this.#rest();
        // First: by the time that the client has its answer, the next request should be on its way.
        this.#owner.onFree(this, true);
        return user.ended();
      case 'A':
        this.#rest();
        this.#owner.onFree(this, true);
        return user.failed(payload);
      case 'R':
      case 'Y':
      case 'G':
        return this.#onAside(user, letter, payload);
      case 'L':
      case 'X':
        return this.#onNotTaken(user, letter);
    }
  }

  #judge(why: string | undefined): void {
    if (why !== undefined) this.#break(why);
  }

  #onAside(user: SlotUser, letter: 'R' | 'Y' | 'G', payload: Buffer): void {
    if (letter === 'G') return user.logs(payload);
    // Nobody takes hints behind the head; that is no reason to fail.
    if (letter === 'Y') return this.#state === 'taken' ? this.#judge(user.hints(payload)) : undefined;
    if (payload.length !== 4) return this.#break(`a frame R of ${payload.length} bytes`);
    user.wants(payload.readUInt32BE(0));
  }

  #onNotTaken(user: SlotUser, letter: 'L' | 'X'): void {
    this.#rest();
    if (letter === 'L') this.#owner.onLeaving(this);
    this.#owner.onFree(this, false);
    if (letter === 'L') user.leaving();
    else user.late();
  }

  #onFrameAfterAbort(letter: Letter): void {
    if (letter === 'T') this.#state = 'taken';
    const isOver = letter === 'E' || letter === 'A';
    if (!isOver && letter !== 'L' && letter !== 'X') return;
    this.#rest();
    if (letter === 'L') this.#owner.onLeaving(this);
    this.#owner.onFree(this, isOver);
  }

  /** The request is over; the next may come. */
  #rest(): void {
    this.#user = undefined;
    this.#state = 'idle';
    this.#isAborted = false;
    this.resume();
  }

  #break(why: string): void {
    const user = this.#user;
    this.#die();
    this.#owner.onBroken(this, why);
    user?.broken(why);
  }

  #die(): void {
    this.#user = undefined;
    this.#state = 'dead';
    this.#socket.destroy();
  }

  #onClose(): void {
    const user = this.#user;
    this.#user = undefined;
    this.#owner.onClosed(this);
    // It asks whether the request was taken.
    user?.lost();
    this.#state = 'dead';
  }
}
