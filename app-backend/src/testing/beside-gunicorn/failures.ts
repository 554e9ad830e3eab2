/** Failures of the application: before the head, behind it, in close(), and the ends of a worker. */
import { type Difference, differing, get, legal, ourFault, plainFields, post, type Row } from './row.ts';

const lives: Difference = {
  why: 'sys.exit() ends the request and not the server: 500 before the head; Gunicorn’s worker is gone without a word',
  gunicorn: { status: 'nothing', framing: 'close', body: '', end: 'broken' },
  ours: ourFault,
};

export const failures: readonly Row[] = [
  ...legal(['/fails-at-once', '/fails-midway', '/fails-midway-length', '/fails-at-end']),
  ...['/fails-started', '/fails-at-first'].map((target) => ({ what: target, bytes: get(target) })),
  {
    what: '/fails-after-empty',
    bytes: get('/fails-after-empty'),
    differs: {
      why: 'an empty block sends no head (PEP 3333), so a failure behind it is a 500; Gunicorn has sent the head',
      gunicorn: { status: 'HTTP/1.1 200 OK', fields: plainFields, framing: 'chunked', end: 'broken', body: '' },
      ours: ourFault,
    },
  },
  ...legal([
    '/closes',
    '/close',
    '/closes',
    '/close-after-failure',
    '/closes',
    '/close-after-early-failure',
    '/closes',
  ]),
  ...legal(['/close-fails', '/closes']),
  ...differing(lives, ['/exits']),
  { what: '/exits-midway', bytes: get('/exits-midway') },
  { what: '/plain, after that', bytes: get('/plain') },
  {
    what: '/dies',
    bytes: post('/dies', 'x'),
    isDeadly: true,
    differs: {
      why: 'the worker is gone, and whose worker it was says so; with Gunicorn nobody is left to',
      gunicorn: { status: 'nothing', framing: 'close', body: '', end: 'broken' },
      ours: { status: 'HTTP/1.1 502', framing: 'length', body: 'a page', end: 'whole' },
    },
  },
  { what: '/plain, by another worker', bytes: get('/plain') },
];
