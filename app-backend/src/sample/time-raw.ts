import type { Application } from '../wsgi.ts';
import { ctime } from './ctime.ts';

/** `/time/raw/`: the time, written against bare WSGI. */
export const timeRaw: Application = function* (environ, startResponse) {
  const host = (environ.HTTP_HOST ?? '127.0.0.1').split(':')[0];
  const text: [name: string, value: string] = ['Content-Type', 'text/plain; charset=utf-8'];
  if (environ.REQUEST_METHOD !== 'GET') {
    startResponse('501 Not Implemented', [text]);
    yield Buffer.from('Not Implemented\n');
  } else if (host !== '127.0.0.1' || environ.PATH_INFO !== '/') {
    startResponse('404 Not Found', [text]);
    yield Buffer.from('Not Found\n');
  } else {
    startResponse('200 OK', [text]);
    yield Buffer.from(`${ctime(new Date())}\n`);
  }
};
