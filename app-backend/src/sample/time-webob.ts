import { Request, Response } from '../toolkit/webob-like.ts';
import type { Application } from '../wsgi.ts';
import { ctime } from './ctime.ts';

const contentType = 'text/plain; charset=utf-8';

/** `/time/webob/`: the time, written with the toolkit in the manner of WebOb. */
export const timeWebob: Application = (environ, startResponse) =>
  answerTo(new Request(environ))(environ, startResponse);

function answerTo(request: Request): Response {
  if (request.method !== 'GET') return new Response({ status: 501, contentType, body: 'Not Implemented\n' });
  if (request.domain !== '127.0.0.1' || request.pathInfo !== '/') {
    return new Response({ status: 404, contentType, body: 'Not Found\n' });
  }
  return new Response({ contentType, body: `${ctime(new Date())}\n` });
}
