import type { Application } from '@trivet/app-backend';
import { bodyBytes } from './announce.ts';

const body = [Buffer.alloc(bodyBytes, 'x')];

/** The same in TypeScript as `helloInPython`, statement by statement. */
export const application: Application = (_environ, startResponse) => {
  startResponse('200 OK', [
    ['Content-Type', 'text/plain'],
    ['Content-Length', String(bodyBytes)],
  ]);
  return body;
};

/** Reads what was sent with the request before it answers. */
export const reading: Application = async (environ, startResponse) => {
  await environ['wsgi.input'].read();
  return application(environ, startResponse);
};
