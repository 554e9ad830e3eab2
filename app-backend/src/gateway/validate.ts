/**
 * Middleware that stands between a server and an application and holds both to PEP 3333: all that Python's
 * `wsgiref.validate` asserts. It throws a WsgiViolation at whoever is at fault; what it only doubts it writes to
 * `wsgi.errors`. For tests and for development: it costs time, and a body behind it has no length.
 */
import type { Application, Body, Environ, StartResponse, Write } from '../wsgi.ts';
import { checkEnviron } from './validate-environ.ts';
import { validateHead } from './validate-head.ts';
import { CheckedErrors, CheckedInput, must } from './validate-streams.ts';

type Call = { wasStarted: boolean; readonly warn: (warning: string) => void };

/** The same application, watched. */
export function validate(application: Application): Application {
  return async (...args: unknown[]) => {
    must(args.length === 2, `the application was called with ${args.length} arguments instead of two`);
    const [environ, startResponse] = args as [Environ, StartResponse];
    must(typeof startResponse === 'function', 'start_response is not a function');
    const report = checkEnviron(environ);
    must(report.fault === undefined, report.fault ?? '');
    const errors = environ['wsgi.errors'];
    const call: Call = { wasStarted: false, warn: (warning) => errors.write(`WSGI warning: ${warning}\n`) };
    for (const warning of report.warnings) call.warn(warning);
    environ['wsgi.input'] = new CheckedInput(environ['wsgi.input']);
    environ['wsgi.errors'] = new CheckedErrors(errors);
    return checkedBody(await application(environ, checkedStart(startResponse, call)), call);
  };
}

function checkedStart(startResponse: StartResponse, call: Call): StartResponse {
  return (...args: unknown[]) => {
    must(args.length === 2 || args.length === 3, `start_response was called with ${args.length} arguments`);
    const [status, headers, failure] = args as Parameters<StartResponse>;
    const report = validateHead(status, headers, failure);
    must(report.fault === undefined, report.fault ?? '');
    for (const warning of report.warnings) call.warn(warning);
    const write = failure === undefined ? startResponse(status, headers) : startResponse(status, headers, failure);
    call.wasStarted = true;
    return checkedWrite(write);
  };
}

function checkedWrite(write: Write): Write {
  return (...args: unknown[]) => {
    must(args.length === 1, 'write takes exactly one argument');
    must(args[0] instanceof Uint8Array, 'write was given what is not bytes');
    return write(args[0] as Uint8Array);
  };
}

function checkedBody(body: unknown, call: Call): Body {
  must(typeof body === 'object' && body !== null, `the application returned ${body}, not an iterable`);
  must(!(body instanceof Uint8Array), 'the application returned bare bytes: iterated over, they are numbers');
  const members = body as object;
  must(Symbol.iterator in members || Symbol.asyncIterator in members, 'what the application returned is not iterable');
  return new CheckedBody(body as Body, call);
}

/** Complains of bodies that the server dropped without closing them. */
const unclosed = new FinalizationRegistry((call: Call) => call.warn('a body was dropped without being closed'));

class CheckedBody implements AsyncIterable<Uint8Array> {
  readonly #body: Body;
  readonly #call: Call;
  #isClosed = false;

  constructor(body: Body, call: Call) {
    this.#body = body;
    this.#call = call;
    unclosed.register(this, call, this);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    must(!this.#isClosed, 'a body was iterated after it was closed');
    for await (const block of this.#body) {
      must(!this.#isClosed, 'a body was iterated after it was closed');
      must(this.#call.wasStarted, 'the body gave a block before start_response was called');
      must((block as unknown) instanceof Uint8Array, `the body gave ${typeof block}, not bytes`);
      yield block;
    }
    must(this.#call.wasStarted, 'the body ended before start_response was called');
  }

  async close(): Promise<void> {
    must(!this.#isClosed, 'a body was closed twice');
    this.#isClosed = true;
    unclosed.unregister(this);
    await this.#body.close?.();
  }
}
