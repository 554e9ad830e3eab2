/** The address of a request, put together again from its environ. PEP 3333, "URL Reconstruction". */
import { posix } from 'node:path';
import type { Environ, Latin1 } from './wsgi.ts';

// What a path may hold as it is; the rest goes out as %XX, byte by byte.
const unsafe = /[^A-Za-z0-9_.~/;=,-]/g;

/** A decoded path as it is written in an address. */
export function quotePath(path: Latin1): string {
  return path.replace(unsafe, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** Scheme and authority: what the client said in `Host`, else the name and port of this server. */
export function hostUri(environ: Environ): string {
  const scheme = environ['wsgi.url_scheme'];
  if (environ.HTTP_HOST) return `${scheme}://${environ.HTTP_HOST}`;
  const usual = scheme === 'https' ? '443' : '80';
  const port = environ.SERVER_PORT === usual ? '' : `:${environ.SERVER_PORT}`;
  return `${scheme}://${environ.SERVER_NAME}${port}`;
}

/** The address that the application is mounted at. */
export function applicationUri(environ: Environ): string {
  return hostUri(environ) + quotePath(environ.SCRIPT_NAME || '/');
}

/** The whole address of the request, with its query unless that is not wanted. */
export function requestUri(environ: Environ, includeQuery = true): string {
  const path = quotePath(environ.SCRIPT_NAME + environ.PATH_INFO) || '/';
  const query = includeQuery && environ.QUERY_STRING ? `?${environ.QUERY_STRING}` : '';
  return hostUri(environ) + path + query;
}

/**
 * Moves the first segment of PATH_INFO to SCRIPT_NAME and returns it; undefined when there is none. As in Python's
 * wsgiref: empty segments and dots on the way are dropped, '..' shortens SCRIPT_NAME.
 */
export function shiftPathInfo(environ: Pick<Environ, 'SCRIPT_NAME' | 'PATH_INFO'>): string | undefined {
  if (environ.PATH_INFO === '') return undefined;
  const segments = environ.PATH_INFO.split('/').slice(1);
  const last = segments.pop() ?? '';
  const [name = '', ...rest] = [...segments.filter((segment) => segment !== '' && segment !== '.'), last];
  const mounted = posix.normalize(`${environ.SCRIPT_NAME}/${name}`).replace(/^\/+/, '/').replace(/\/$/, '');
  environ.SCRIPT_NAME = name === '' ? `${mounted}/` : mounted;
  environ.PATH_INFO = rest.map((segment) => `/${segment}`).join('');
  return name === '.' ? undefined : name;
}
