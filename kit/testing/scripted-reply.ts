import type { ServerResponse } from 'node:http';
import { reasonPhrase } from '../semantics/status.ts';

/** The answer of a scripted origin, written piece by piece. */
export class ScriptedReply {
  /** Resolves when the connection's end of this exchange is over, finished or not: so a test sees a client leave. */
  readonly closed: Promise<void>;
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    // A write to a peer that left is reported as an error of the response; for a script it is one more way to end.
    response.on('close', resolve).on('error', () => resolve());
  }

  /** The peer left before the answer was finished. */
  get isAbandoned(): boolean {
    return this.#response.closed && !this.#response.writableFinished;
  }

  /** An informational head, RFC 9110 §15.2. */
  interim(status: number, fields: readonly string[] = []): void {
    this.#response.socket?.write(`HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n${serialize(fields)}\r\n`, 'latin1');
  }

  /** The head, sent at once. Without Content-Length the body is chunked. */
  head(status: number, fields: readonly string[] = []): void {
    this.#response.writeHead(status, [...fields]);
    this.#response.flushHeaders();
  }

  /** A part of the body; resolves once it is handed to the kernel, or the peer has left. */
  async write(chunk: string | Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#response.write(chunk, () => resolve());
    await Promise.race([promise, this.closed]);
  }

  /** The end of the body; trailers need a chunked body. */
  end(chunk: string | Uint8Array = '', trailers: readonly string[] = []): void {
    if (trailers.length > 0) this.#response.addTrailers(pairs(trailers));
    this.#response.end(chunk);
  }

  /** A whole answer, with its Content-Length unless the fields say how the body is framed. */
  send(status: number, fields: readonly string[] = [], body: string | Uint8Array = ''): void {
    const isFramed = fields.some((name, at) => at % 2 === 0 && /^(content-length|transfer-encoding)$/i.test(name));
    const hasNoBody = status === 204 || status === 304;
    const framing = isFramed || hasNoBody ? [] : ['Content-Length', String(Buffer.byteLength(body))];
    this.#response.writeHead(status, [...fields, ...framing]);
    this.#response.end(body);
  }

  /** Closes the connection where the answer stands, as a crashed process does. */
  break(): void {
    this.#response.destroy();
  }
}

function pairs(fields: readonly string[]): [string, string][] {
  return fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1] ?? ''] as [string, string]] : []));
}

function serialize(fields: readonly string[]): string {
  return pairs(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}
