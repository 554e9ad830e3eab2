/** Request and Response in the manner of WebOb: the environ stays in sight, HTML is the default, paths include the mount. */
import { parameters } from '@trivet/kit/semantics/list.ts';
import { utf8OfLatin1 } from '../latin1.ts';
import { applicationUri, hostUri, quotePath, requestUri } from '../uri.ts';
import type { Environ, Header } from '../wsgi.ts';
import { absoluteLocation } from './location.ts';
import { RequestCore } from './request-core.ts';
import { type Content, ResponseCore, type ResponseOptions } from './response-core.ts';

export class Request extends RequestCore {
  /** The host without its port. */
  get domain(): string {
    return this.host.replace(/:\d*$/, '');
  }

  /** The mount, as text. */
  get scriptName(): string {
    return utf8OfLatin1(this.environ.SCRIPT_NAME);
  }

  /** The path behind the mount, as text. */
  get pathInfo(): string {
    return utf8OfLatin1(this.environ.PATH_INFO);
  }

  /** SCRIPT_NAME and PATH_INFO, quoted. */
  get path(): string {
    return quotePath(this.environ.SCRIPT_NAME + this.environ.PATH_INFO);
  }

  /** The path with its query. */
  get pathQs(): string {
    return this.queryString ? `${this.path}?${this.queryString}` : this.path;
  }

  /** Scheme, host and port. */
  get hostUrl(): string {
    return hostUri(this.environ);
  }

  get applicationUrl(): string {
    return applicationUri(this.environ);
  }

  /** The whole address without its query. */
  get pathUrl(): string {
    return requestUri(this.environ, false);
  }

  get url(): string {
    return requestUri(this.environ);
  }

  /** What the query says. */
  get GET(): URLSearchParams {
    return new URLSearchParams(this.queryString);
  }

  /** What the query says, and behind it a form in the body. */
  async params(): Promise<URLSearchParams> {
    return new URLSearchParams([...this.GET, ...(await this.form())]);
  }
}

export type WebobResponseOptions = ResponseOptions & {
  readonly body?: Content;
  /** Sent as JSON, with its type. */
  readonly json?: unknown;
  readonly location?: string;
};

/** A response that is itself an application; `text/html; charset=utf-8` unless it is told another type. */
export class Response extends ResponseCore {
  constructor(options: WebobResponseOptions = {}) {
    const { body, json, location } = options;
    super(json === undefined ? body : JSON.stringify(json), options);
    const usual = json === undefined ? 'text/html; charset=utf-8' : 'application/json';
    if (!this.headers.has('Content-Type')) this.headers.set('Content-Type', usual);
    if (location !== undefined) this.location = location;
  }

  get text(): string | undefined {
    return this.body && Buffer.from(this.body).toString('utf8');
  }

  set text(text: string) {
    this.setContent(text);
  }

  /** The media type without its parameters. */
  get contentType(): string {
    return parameters(this.headers.get('Content-Type') ?? '').value;
  }

  /** As it was set; it becomes absolute when the response is sent, and stays on this host unless it names a scheme. */
  get location(): string | undefined {
    return this.headers.get('Location');
  }

  set location(location: string) {
    this.headers.set('Location', location);
  }

  protected override headersFor(environ: Environ): Header[] {
    return super.headersFor(environ).map(([name, value]) => {
      return name.toLowerCase() === 'location' ? [name, absoluteLocation(value, environ)] : [name, value];
    });
  }
}
