import { Fault } from '@trivet/kit/semantics/fault.ts';
import { parameters } from '@trivet/kit/semantics/list.ts';
import { hostUri } from '../uri.ts';
import type { Environ } from '../wsgi.ts';

/** Most bytes that a request keeps of its body in memory; more is 413. */
const usualBodyLimit = 32 * 1024 * 1024;

/** What both toolkits see of a request in the same way. Nothing is computed before it is asked for. */
export class RequestCore {
  readonly environ: Environ;
  #body: Promise<Uint8Array> | undefined;

  constructor(environ: Environ) {
    this.environ = environ;
  }

  get method(): string {
    return this.environ.REQUEST_METHOD;
  }

  get scheme(): 'http' | 'https' {
    return this.environ['wsgi.url_scheme'];
  }

  /** Host and port as the client named them, else the name of the server. */
  get host(): string {
    return hostUri(this.environ).slice(this.scheme.length + '://'.length);
  }

  get queryString(): string {
    return this.environ.QUERY_STRING;
  }

  get headers(): EnvironHeaders {
    return new EnvironHeaders(this.environ);
  }

  get cookies(): ReadonlyMap<string, string> {
    return parseCookies(this.environ.HTTP_COOKIE ?? '');
  }

  /** The media type alone, in lower case; '' when the client named none. RFC 9110 §8.3. */
  get contentType(): string {
    return parameters(this.environ.CONTENT_TYPE ?? '').value.toLowerCase();
  }

  get contentLength(): number | undefined {
    const { CONTENT_LENGTH: length } = this.environ;
    return length ? Number(length) : undefined;
  }

  get remoteAddress(): string {
    return this.environ.REMOTE_ADDR;
  }

  /** The whole body; the same bytes however often it is asked for. */
  body(): Promise<Uint8Array> {
    this.#body ??= this.#read();
    return this.#body;
  }

  /** The body in the charset that the request names, UTF-8 without one. */
  async text(): Promise<string> {
    const charset = parameters(this.environ.CONTENT_TYPE ?? '').parameters.get('charset') ?? 'utf-8';
    return decoderFor(charset).decode(await this.body());
  }

  /** The body as JSON; a body that is none is the client's fault, 400. */
  async json(): Promise<unknown> {
    const text = await this.text();
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new Fault('bad-request', 'the request body is not JSON', { cause });
    }
  }

  /** The fields of an `application/x-www-form-urlencoded` body; none of any other. */
  async form(): Promise<URLSearchParams> {
    const isForm = this.contentType === 'application/x-www-form-urlencoded';
    return new URLSearchParams(isForm ? await this.text() : '');
  }

  async #read(): Promise<Uint8Array> {
    const body = await this.environ['wsgi.input'].read(usualBodyLimit + 1);
    if (body.length <= usualBodyLimit) return body;
    throw new Fault('body-too-large', `the request body has more than ${usualBodyLimit} bytes`);
  }
}

/** The header fields of a request, by their names on the wire. */
export class EnvironHeaders implements Iterable<readonly [name: string, value: string]> {
  readonly #environ: Environ;

  constructor(environ: Environ) {
    this.#environ = environ;
  }

  get(name: string): string | undefined {
    const variable = name.toUpperCase().replaceAll('-', '_');
    const { CONTENT_TYPE, CONTENT_LENGTH } = this.#environ;
    if (variable === 'CONTENT_TYPE') return CONTENT_TYPE;
    return variable === 'CONTENT_LENGTH' ? CONTENT_LENGTH : this.#environ[`HTTP_${variable}`];
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Names in lower case. */
  *[Symbol.iterator](): Generator<readonly [name: string, value: string]> {
    for (const [variable, value] of Object.entries(this.#environ)) {
      const match = /^(?:HTTP_(.+)|(CONTENT_TYPE|CONTENT_LENGTH))$/.exec(variable);
      if (match && typeof value === 'string') yield [(match[1] ?? variable).toLowerCase().replaceAll('_', '-'), value];
    }
  }
}

/** The first of two cookies alike wins: it has the longer path (RFC 6265 §5.4). */
function parseCookies(field: string): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of field.split(';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    if (equals > 0 && !cookies.has(name))
      cookies.set(
        name,
        pair
          .slice(equals + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      );
  }
  return cookies;
}

function decoderFor(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch (cause) {
    throw new Fault('bad-request', 'the charset of the request body is unknown', { cause, status: 415 });
  }
}
