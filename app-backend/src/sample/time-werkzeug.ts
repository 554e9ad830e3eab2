import { NotFound, NotImplemented, Request, Response } from '../toolkit/werkzeug-like.ts';
import { ctime } from './ctime.ts';

/** `/time/werkzeug/`: the time, written with the toolkit in the manner of Werkzeug. */
export const timeWerkzeug = Request.application((request) => {
  if (request.method !== 'GET') throw new NotImplemented();
  if (request.host.split(':')[0] !== '127.0.0.1' || request.path !== '/') throw new NotFound();
  return new Response(`${ctime(new Date())}\n`);
});
