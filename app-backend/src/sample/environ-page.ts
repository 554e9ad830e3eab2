import type { Application } from '../wsgi.ts';

/**
 * `/env`: what an application is told of its request, the classic first example of WSGI. The environ and nothing of the
 * process: environment variables of a server hold secrets.
 */
export const environPage: Application = function* (environ, startResponse) {
  startResponse('200 OK', [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Cache-Control', 'no-store'],
    ['X-Content-Type-Options', 'nosniff'],
  ]);
  yield Buffer.from('WSGI environment:\n\n');
  const lines = Object.entries(environ)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `'${key}': ${shown(value)}`);
  yield Buffer.from(`{${lines.join(',\n ')}}\n`);
};

/** Text in quotes, what is more than text by the name of its type. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return '<function>';
  if (Array.isArray(value)) return `[${value.join(', ')}]`;
  return typeof value === 'object' && value !== null ? `<${value.constructor.name}>` : String(value);
}
