/** One connection's worth of load: asks, reads the answers to their end, asks again; opens a new connection when it must. */
import { connect, type Socket } from 'node:net';
import { type Answer, AnswerReader } from './answer-reader.ts';

export type ClientOptions = {
  readonly port: number;
  /** The head of the next request; undefined when there are no more. */
  next(): string | undefined;
  onConnect(): void;
  onAnswer(answer: Answer, ms: number): void;
  onLost(why: string): void;
  /** Is each connection used for one request alone? */
  readonly isClosing: boolean;
  /** Requests under way at once; at least 1. */
  readonly depth: number;
};

/** A request under way. */
type Asked = { readonly head: string; readonly at: number };

export class Client {
  readonly #options: ClientOptions;
  readonly #done = Promise.withResolvers<void>();
  #socket: Socket | undefined;
  #reader = new AnswerReader(() => undefined);
  /** In the order in which they were sent, which is the order of the answers (RFC 9112 §9.3.2). */
  readonly #underWay: Asked[] = [];
  /** Was a request answered on this connection before? Then the server may have closed it meanwhile (RFC 9112 §9.5). */
  #isReused = false;
  #isStopped = false;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Resolves when there is no more to ask, or after `stop`. */
  run(): Promise<void> {
    this.#advance();
    return this.#done.promise;
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#socket?.destroy();
    for (const _ of this.#underWay.splice(0)) this.#options.onLost('unanswered at the deadline');
    this.#done.resolve();
  }

  /** Fills up to the depth, with one write. */
  #advance(): void {
    const at = performance.now();
    let heads = '';
    while (!this.#isStopped && this.#underWay.length < this.#options.depth) {
      const head = this.#options.next();
      if (head === undefined) break;
      this.#underWay.push({ head, at });
      heads += head;
    }
    if (this.#underWay.length === 0) {
      this.#socket?.destroy();
      this.#done.resolve();
    } else if (this.#socket === undefined) {
      this.#open();
    } else if (heads !== '') {
      this.#socket.write(heads, 'latin1');
    }
  }

  /** A new connection, on which all that is under way is asked. */
  #open(): void {
    const socket = connect({ port: this.#options.port, host: '127.0.0.1', noDelay: true });
    const reader = new AnswerReader((answer) => {
      // What comes after this connection was given up belongs to no request.
      if (this.#socket === socket) this.#answered(answer);
    });
    this.#socket = socket;
    this.#reader = reader;
    this.#isReused = false;
    let why = 'connection lost';
    this.#options.onConnect();
    socket.on('data', (bytes: Buffer) => {
      if (this.#socket !== socket) return;
      try {
        reader.push(bytes);
      } catch (error) {
        socket.destroy(error as Error);
        return;
      }
      this.#advance();
    });
    socket.on('error', (error) => {
      why = error.message;
    });
    socket.on('end', () => {
      if (this.#socket === socket && reader.end()) this.#advance();
    });
    socket.on('close', () => {
      if (this.#socket === socket) this.#closed(why);
    });
    socket.write(this.#underWay.map(({ head }) => head).join(''), 'latin1');
  }

  #answered(answer: Answer): void {
    const asked = this.#underWay.shift();
    if (asked === undefined) return;
    this.#options.onAnswer(answer, performance.now() - asked.at);
    this.#isReused = true;
    if (answer.isLast || this.#options.isClosing) this.#giveUp();
  }

  #giveUp(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #closed(why: string): void {
    this.#socket = undefined;
    const isRetried = this.#isReused && !this.#reader.isInside;
    if (!isRetried) {
      // The others were not answered because this one was not.
      const lost = this.#underWay.shift();
      if (lost !== undefined) this.#options.onLost(why);
    }
    this.#advance();
  }
}
