/** One connection's worth of load: asks, reads the answer to its end, asks again; opens a new connection when it must. */
import { connect, type Socket } from 'node:net';
import { type Answer, AnswerReader } from './answer-reader.ts';

export type ClientOptions = {
  readonly port: number;
  /** The bytes of the next request; undefined when there are no more. */
  next(): Buffer | undefined;
  onConnect(): void;
  onAnswer(answer: Answer, ms: number): void;
  onLost(why: string): void;
  /** Is each connection used for one request alone? */
  readonly isClosing: boolean;
};

export class Client {
  readonly #options: ClientOptions;
  readonly #done = Promise.withResolvers<void>();
  #socket: Socket | undefined;
  #reader = new AnswerReader(() => undefined);
  #request: Buffer | undefined;
  #askedAt = 0;
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
    if (this.#request !== undefined) this.#options.onLost('unanswered at the deadline');
    this.#done.resolve();
  }

  #advance(): void {
    this.#request = this.#isStopped ? undefined : this.#options.next();
    if (this.#request === undefined) {
      this.#socket?.destroy();
      this.#done.resolve();
      return;
    }
    this.#askedAt = performance.now();
    if (this.#socket) this.#socket.write(this.#request);
    else this.#open(this.#request);
  }

  #open(request: Buffer): void {
    const socket = connect({ port: this.#options.port, host: '127.0.0.1', noDelay: true });
    const reader = new AnswerReader((answer) => this.#answered(answer));
    this.#socket = socket;
    this.#reader = reader;
    this.#isReused = false;
    let why = 'connection lost';
    this.#options.onConnect();
    socket.on('data', (bytes: Buffer) => {
      // What comes after this connection was given up belongs to no request.
      if (this.#socket !== socket) return;
      try {
        reader.push(bytes);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.on('error', (error) => {
      why = error.message;
    });
    socket.on('end', () => {
      if (this.#socket === socket) reader.end();
    });
    socket.on('close', () => {
      if (this.#socket === socket) this.#closed(why);
    });
    socket.write(request);
  }

  #answered(answer: Answer): void {
    if (this.#request === undefined) return;
    this.#request = undefined;
    this.#options.onAnswer(answer, performance.now() - this.#askedAt);
    this.#isReused = true;
    if (answer.isLast || this.#options.isClosing) this.#giveUp();
    this.#advance();
  }

  #giveUp(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #closed(why: string): void {
    this.#socket = undefined;
    if (this.#request === undefined) return;
    if (this.#isReused && !this.#reader.isInside) {
      this.#open(this.#request);
      return;
    }
    this.#request = undefined;
    this.#options.onLost(why);
    this.#advance();
  }
}
