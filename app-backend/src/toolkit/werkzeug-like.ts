/** Request and Response in the manner of Werkzeug: a function from one to the other is an application. */
import { utf8OfLatin1 } from '../latin1.ts';
import { requestUri } from '../uri.ts';
import type { Application } from '../wsgi.ts';
import { HttpException } from './http-exceptions.ts';
import { RequestCore } from './request-core.ts';
import { type Content, ResponseCore, type ResponseOptions } from './response-core.ts';

export { abort, BadRequest, HttpException, MethodNotAllowed, NotFound, NotImplemented } from './http-exceptions.ts';

export class Request extends RequestCore {
  /** PATH_INFO alone, as text, always with a slash at its start. */
  get path(): string {
    return `/${utf8OfLatin1(this.environ.PATH_INFO).replace(/^\/+/, '')}`;
  }

  /** The mount, as text. */
  get rootPath(): string {
    return utf8OfLatin1(this.environ.SCRIPT_NAME);
  }

  get url(): string {
    return requestUri(this.environ);
  }

  /** What the query says. */
  get args(): URLSearchParams {
    return new URLSearchParams(this.queryString);
  }

  /** An application from a function; an HttpException that it throws becomes its page. */
  static application(handler: (request: Request) => Response | Promise<Response>): Application {
    return async (environ, startResponse) => {
      const response = await answered(handler, new Request(environ));
      return await response(environ, startResponse);
    };
  }
}

/** A response that is itself an application; `text/plain; charset=utf-8` unless it is told another type. */
export class Response extends ResponseCore {
  constructor(content?: Content, options: ResponseOptions = {}) {
    super(content, options);
    if (!this.headers.has('Content-Type')) this.headers.set('Content-Type', 'text/plain; charset=utf-8');
  }
}

async function answered(
  handler: (request: Request) => Response | Promise<Response>,
  request: Request,
): Promise<Response> {
  try {
    return await handler(request);
  } catch (error) {
    if (!(error instanceof HttpException)) throw error;
    const { code: status, headers, page } = error;
    return new Response(page, { status, headers, contentType: 'text/html; charset=utf-8' });
  }
}
