// A client for tests that goes step by step: it sees the head before the body, and can leave at any moment.
import { type ClientRequest, type IncomingMessage, request } from 'node:http';

export type Ask = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
};

export type Head = { readonly status: number; readonly header: (name: string) => string | undefined };
export type Whole = Head & { readonly body: string; readonly bytes: Buffer; readonly cacheStatus: string };

/** One request on a connection of its own. */
export class Asking {
  readonly #request: ClientRequest;
  readonly #response: Promise<IncomingMessage>;
  readonly #chunks: Buffer[] = [];
  readonly #over: Promise<'whole' | 'broken'>;
  /** 1xx responses that came. */
  readonly interim: { status: number; header: (name: string) => string | undefined }[] = [];

  constructor(port: number, path: string, { method = 'GET', headers = {}, body }: Ask = {}) {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const all = { ...headers, ...length };
    this.#request = request({ host: '127.0.0.1', port, path, method, headers: all, agent: false });
    this.#request.on('information', ({ statusCode, headers }) => {
      this.interim.push({ status: statusCode, header: (name) => text(headers[name]) });
    });
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    this.#response = promise;
    this.#request.on('response', resolve).on('error', reject);
    this.#over = promise.then(
      (response) => this.#read(response),
      () => 'broken',
    );
    this.#request.end(body);
  }

  /** The head, as soon as it is here. */
  async head(): Promise<Head> {
    return headOf(await this.#response);
  }

  /** What of the body came so far. */
  get received(): string {
    return Buffer.concat(this.#chunks).toString('latin1');
  }

  get receivedBytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** The whole answer; rejects when it breaks off. */
  async whole(): Promise<Whole> {
    const response = await this.#response;
    if ((await this.#over) === 'broken') throw new Error(`broken after ${this.receivedBytes} bytes`);
    const bytes = Buffer.concat(this.#chunks);
    const head = headOf(response);
    return { ...head, bytes, body: bytes.toString('latin1'), cacheStatus: head.header('cache-status') ?? '' };
  }

  /** How the answer ended. */
  get outcome(): Promise<'whole' | 'broken'> {
    return this.#over;
  }

  async trailers(): Promise<NodeJS.Dict<string>> {
    const response = await this.#response;
    await this.#over;
    return response.trailers;
  }

  /** Reads nothing more, so that the answer has to wait. */
  async pause(): Promise<void> {
    (await this.#response).pause();
  }

  async resume(): Promise<void> {
    (await this.#response).resume();
  }

  leave(): void {
    this.#request.destroy();
  }

  async #read(response: IncomingMessage): Promise<'whole' | 'broken'> {
    response.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    const { promise, resolve } = Promise.withResolvers<void>();
    response.on('error', () => undefined).on('close', resolve);
    await promise;
    return response.complete ? 'whole' : 'broken';
  }
}

function headOf(response: IncomingMessage): Head {
  return { status: response.statusCode ?? 0, header: (name) => text(response.headers[name.toLowerCase()]) };
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
