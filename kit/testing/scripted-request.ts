import type { IncomingMessage } from 'node:http';

/** A request as a scripted origin saw it. */
export class ScriptedRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  /** As received, in order, every line of its own. */
  readonly fields: readonly string[];
  /** Resolves with `whole` at the end of the request, with `cut` when the peer left before. */
  readonly outcome: Promise<'whole' | 'cut'>;
  readonly #message: IncomingMessage;
  readonly #chunks: Buffer[] = [];

  constructor(message: IncomingMessage) {
    this.#message = message;
    this.method = message.method ?? '';
    this.target = message.url ?? '';
    this.version = message.httpVersion;
    this.fields = message.rawHeaders;
    const { promise, resolve } = Promise.withResolvers<'whole' | 'cut'>();
    this.outcome = promise;
    message
      .on('data', (chunk: Buffer) => this.#chunks.push(chunk))
      .on('end', () => resolve('whole'))
      .on('error', () => resolve('cut'))
      .on('close', () => resolve('cut'));
  }

  /** What came so far. */
  get body(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get isWhole(): boolean {
    return this.#message.complete;
  }

  get trailers(): readonly string[] {
    return this.#message.rawTrailers;
  }
}
