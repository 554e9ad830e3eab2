/** One request to a handler of the kind `(request, response)`, from an environ; the life of both ends of its connection. */
import { type ClientRequest, type IncomingMessage, METHODS, request, type ServerResponse } from 'node:http';
import { type Duplex, duplexPair, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { endToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import { rawPathOf } from '../raw-path.ts';
import { quotePath } from '../uri.ts';
import type { Body, Environ } from '../wsgi.ts';
import { fieldsOf, hasBody, headersOf } from './environ-fields.ts';
import { inputBlocks } from './input-blocks.ts';

/** May be asynchronous: what it rejects with is an error of the application. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Longest head either way, bytes; that of a request was measured when it came. */
export const LONGEST_HEAD_BYTES = 1024 * 1024;

const knownMethods: ReadonlySet<string> = new Set(METHODS.filter((method) => method !== 'CONNECT'));

const bodyless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

export class HandlerCall {
  /** The server's end of the connection. */
  readonly socket: Duplex;
  readonly #environ: Environ;
  readonly #handler: Handler;
  readonly #outgoing: ClientRequest;
  readonly #answer = Promise.withResolvers<IncomingMessage>();
  readonly #leave = () => {
    this.#failure ??= this.#environ['trivet.signal']?.reason;
    this.close();
  };
  #failure: unknown;

  constructor(environ: Environ, handler: Handler) {
    this.#environ = environ;
    this.#handler = handler;
    const [ours, theirs] = duplexPair();
    this.socket = withFacts(theirs, environ);
    // A pair in memory takes a side that went for one that has said all.
    ours.once('close', () => theirs.destroy());
    this.#outgoing = request({
      createConnection: () => ours,
      method: wireMethod(environ),
      path: targetOf(environ),
      headers: wireFields(environ),
      maxHeaderSize: LONGEST_HEAD_BYTES,
    });
    this.#listen();
    environ['trivet.signal']?.addEventListener('abort', this.#leave, { once: true });
  }

  /** The head of what the handler answers. Rejects with what it threw, or when it answers nothing. */
  async answer(): Promise<IncomingMessage> {
    if (hasBody(this.#environ)) this.#outgoing.flushHeaders();
    else this.#outgoing.end();
    return await this.#answer.promise;
  }

  /** Calls the handler with the request as its server has read it. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    dress(request, this.#environ);
    if (hasBody(this.#environ)) this.#feedWhenRead(request, response);
    Promise.try(this.#handler, request, response).catch((error: unknown) => this.#fail(error));
  }

  /** What follows the head; its `close` tells a handler that is not done that nobody is there any more. */
  bodyOf(answer: IncomingMessage): Body {
    const failed = () => this.#failure;
    return {
      async *[Symbol.asyncIterator]() {
        try {
          for await (const chunk of answer) yield chunk as Buffer;
        } catch (error) {
          throw failed() ?? error;
        }
      },
      close: () => this.close(),
    };
  }

  close(): void {
    this.#environ['trivet.signal']?.removeEventListener('abort', this.#leave);
    this.#outgoing.destroy();
  }

  #listen(): void {
    const { reject, resolve } = this.#answer;
    this.#outgoing
      .on('response', resolve)
      .on('information', ({ statusCode, rawHeaders }) => {
        if (statusCode === 103) this.#environ['wsgi.early_hints']?.(headersOf(rawHeaders));
      })
      .on('upgrade', (_answer, socket) => {
        socket.destroy();
        reject(new Fault('internal', 'a handler behind WSGI cannot change the protocol'));
      })
      .on('error', (cause) => {
        reject(this.#failure ?? new Fault('internal', 'the handler closed the connection', { cause }));
      });
  }

  #fail(error: unknown): void {
    this.#failure ??= error ?? new Error('the handler failed');
    this.#answer.reject(this.#failure);
    this.socket.destroy();
  }

  // Not before the handler reads: reading is what sends `100 Continue`, and a body that nobody wants is not asked for.
  #feedWhenRead(request: IncomingMessage, response: ServerResponse): void {
    const read = request._read.bind(request);
    request._read = (size) => {
      request._read = read;
      // What node:http drops of a request that is answered is dropped by the server in front.
      if (!response.writableEnded) void this.#feed();
      read(size);
    };
  }

  async #feed(): Promise<void> {
    try {
      const blocks = Readable.from(inputBlocks(this.#environ['wsgi.input']), { objectMode: false });
      await pipeline(blocks, this.#outgoing);
    } catch (error) {
      // The handler learns of it by a request that was aborted; who waits for the answer, by the reason.
      this.#failure ??= error;
    }
  }
}

/** What a socket has and handlers ask for. */
function withFacts(stream: Duplex, environ: Environ): Duplex {
  const self = () => stream;
  return Object.assign(stream, {
    remoteAddress: environ.REMOTE_ADDR,
    remotePort: environ.REMOTE_PORT === undefined ? undefined : Number(environ.REMOTE_PORT),
    localAddress: environ.SERVER_NAME,
    localPort: Number(environ.SERVER_PORT),
    encrypted: environ['wsgi.url_scheme'] === 'https',
    ...{ setTimeout: self, setNoDelay: self, setKeepAlive: self, ref: self, unref: self },
  });
}

// The parser knows a list of methods and no others; the handler is told the true one.
function wireMethod(environ: Environ): string {
  const { REQUEST_METHOD: method } = environ;
  return knownMethods.has(method) ? method : hasBody(environ) ? 'POST' : 'GET';
}

function targetOf(environ: Environ): string {
  const path = rawPathOf(environ) || '/';
  return environ.QUERY_STRING ? `${path}?${environ.QUERY_STRING}` : path;
}

function wireFields(environ: Environ): string[] {
  const fields = endToEnd(fieldsOf(environ));
  const isFramed = environ.CONTENT_LENGTH !== undefined && environ.CONTENT_LENGTH !== '';
  if (!isFramed && hasBody(environ)) fields.push('Transfer-Encoding', 'chunked');
  // Else node:http would announce a body in chunks, and an empty one would come.
  else if (!isFramed && !bodyless.has(wireMethod(environ))) fields.push('Content-Length', '0');
  return [...fields, 'Connection', 'close'];
}

/** As Connect has it: `url` is what is behind the mount, the other two tell where that was. */
function dress(request: IncomingMessage, environ: Environ): void {
  const baseUrl = quotePath(environ.SCRIPT_NAME);
  Object.assign(request, { method: environ.REQUEST_METHOD, baseUrl, originalUrl: baseUrl + targetOf(environ) });
  if (environ.SERVER_PROTOCOL === 'HTTP/1.0') {
    Object.assign(request, { httpVersion: '1.0', httpVersionMajor: 1, httpVersionMinor: 0 });
  }
}
