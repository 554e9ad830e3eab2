import { reasonPhrase } from '@trivet/kit/semantics/status.ts';
import type { Header } from '../wsgi.ts';

const descriptions: Readonly<Record<number, string>> = {
  400: 'The server could not understand the request.',
  401: 'The server could not verify that you may have what you asked for.',
  403: 'You may not have what you asked for.',
  404: 'What you asked for is not on this server.',
  405: 'The method is not allowed for what you asked for.',
  409: 'The request conflicts with something that happened meanwhile.',
  410: 'What you asked for is no longer on this server, and nobody knows where it went.',
  500: 'The server met a fault of its own.',
  501: 'The server does not know the method of the request.',
  503: 'The server cannot answer now, try again later.',
};

/** Thrown to answer with an error page, in the manner of Werkzeug's `HTTPException`. */
export class HttpException extends Error {
  readonly code: number;
  readonly headers: readonly Header[];

  constructor(code: number, description?: string, headers: readonly Header[] = []) {
    super(description ?? descriptions[code] ?? '');
    this.name = 'HttpException';
    this.code = code;
    this.headers = headers;
  }

  /** The page, without any text from the request. */
  get page(): string {
    const phrase = reasonPhrase(this.code);
    return `<!doctype html>
<html lang=en>
<title>${this.code} ${phrase}</title>
<h1>${phrase}</h1>
<p>${escapeHtml(this.message)}</p>
`;
  }
}

export class BadRequest extends HttpException {
  constructor(description?: string) {
    super(400, description);
  }
}

export class NotFound extends HttpException {
  constructor(description?: string) {
    super(404, description);
  }
}

export class MethodNotAllowed extends HttpException {
  /** RFC 9110 §15.5.6: the answer names the methods that are. */
  constructor(allowed: readonly string[], description?: string) {
    super(405, description, [['Allow', allowed.join(', ')]]);
  }
}

export class NotImplemented extends HttpException {
  constructor(description?: string) {
    super(501, description);
  }
}

/** Throws the exception for a status code. */
export function abort(code: number, description?: string): never {
  throw new HttpException(code, description);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
