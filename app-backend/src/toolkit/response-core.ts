import { isToken } from '@trivet/kit/semantics/list.ts';
import { reasonPhrase } from '@trivet/kit/semantics/status.ts';
import type { Application, Body, Environ, Header, StartResponse } from '../wsgi.ts';
import { Callable } from './callable.ts';
import { HeaderList } from './header-list.ts';

export type Content = string | Uint8Array | Body;

export type ResponseOptions = {
  /** A code, or the whole line such as `299 Fine`. */
  readonly status?: number | string | undefined;
  readonly headers?: Iterable<Header> | undefined;
  /** With its parameters, `text/csv; charset=utf-8`. */
  readonly contentType?: string | undefined;
};

export type CookieOptions = {
  readonly maxAgeSeconds?: number;
  readonly path?: string;
  readonly domain?: string;
  readonly isSecure?: boolean;
  readonly isHttpOnly?: boolean;
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
};

/** What both toolkits' responses have in common: a status, headers, a body, and being a WSGI application. */
export abstract class ResponseCore extends Callable<Application> {
  readonly headers: HeaderList;
  #status = '200 OK';
  #content: Uint8Array | Body = new Uint8Array();

  constructor(content: Content | undefined, options: ResponseOptions) {
    super((environ, startResponse) => this.#answer(environ, startResponse));
    this.headers = new HeaderList(options.headers);
    if (options.status !== undefined) this.status = options.status;
    if (options.contentType !== undefined) this.headers.set('Content-Type', options.contentType);
    this.setContent(content ?? '');
  }

  /** The status line, `404 Not Found`; may be set to a code alone. */
  get status(): string {
    return this.#status;
  }

  set status(status: number | string) {
    this.#status = typeof status === 'number' ? `${status} ${reasonPhrase(status)}` : status;
  }

  get statusCode(): number {
    return Number(this.#status.slice(0, 3));
  }

  /** The bytes of the body; of one that is made while it is sent there are none to show. */
  get body(): Uint8Array | undefined {
    return this.#content instanceof Uint8Array ? this.#content : undefined;
  }

  /** Text is sent as UTF-8. The length of what is known beforehand becomes Content-Length. */
  setContent(content: Content): void {
    this.#content = typeof content === 'string' ? Buffer.from(content) : content;
    const { body } = this;
    if (body) this.headers.set('Content-Length', String(body.length));
    else this.headers.delete('Content-Length');
  }

  /** Adds a `Set-Cookie`; the value is percent-encoded where a cookie may not hold it. RFC 6265 §4.1.1. */
  setCookie(name: string, value: string, options: CookieOptions = {}): void {
    if (!isToken(name)) throw new TypeError(`${JSON.stringify(name)} cannot be the name of a cookie`);
    const { maxAgeSeconds, path = '/', domain, isSecure, isHttpOnly, sameSite } = options;
    const attributes = [
      `${name}=${value.replace(/[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/gu, encodeURIComponent)}`,
      `Path=${path}`,
      ...(domain === undefined ? [] : [`Domain=${domain}`]),
      ...(maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`]),
      ...(isSecure ? ['Secure'] : []),
      ...(isHttpOnly ? ['HttpOnly'] : []),
      ...(sameSite === undefined ? [] : [`SameSite=${sameSite}`]),
    ];
    this.headers.append('Set-Cookie', attributes.join('; '));
  }

  /** The headers as they go out for this request. */
  protected headersFor(_environ: Environ): Header[] {
    const isBodyless = hasNoBody(this.statusCode);
    // PEP 3333's validator and RFC 9110 §8.3: what is not there has no type and no length.
    return this.headers.toList().filter(([name]) => !(isBodyless && /^content-(?:type|length)$/i.test(name)));
  }

  #answer(environ: Environ, startResponse: StartResponse): Body {
    startResponse(this.#status, this.headersFor(environ));
    const content = this.#content;
    const isEmpty = environ.REQUEST_METHOD === 'HEAD' || hasNoBody(this.statusCode);
    if (content instanceof Uint8Array) return isEmpty ? [] : [content];
    return isEmpty ? closedOnly(content) : content;
  }
}

function hasNoBody(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

/** No blocks, but what made them is closed all the same. */
function closedOnly(content: Body): Body {
  return Object.assign([] as Uint8Array[], { close: () => content.close?.() });
}
