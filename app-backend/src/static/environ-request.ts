/** What a static place needs to know of a request, out of its environ: pure. */
import { type NormalPath, normalizePath } from '@trivet/kit/semantics/path.ts';
import { utf8OfLatin1 } from '../latin1.ts';
import { rawPathOf } from '../raw-path.ts';
import type { Environ, Latin1 } from '../wsgi.ts';
import type { PlaceRequest } from './static-place.ts';

/** PATH_INFO, normalised, from the spelling that the client chose. */
export function pathOf(environ: Environ): NormalPath {
  return normalizePath(rawPathOf(environ));
}

/** Can the path be under the prefix at all? Spares applications the work that only a path under it deserves. */
export function mayBeUnder(prefix: Latin1, path: Latin1): boolean {
  return path.startsWith(prefix) || /\/[./]/.test(path);
}

/** The fields that the answer of a file depends on. */
const asked = {
  HTTP_ACCEPT: 'accept',
  HTTP_ACCEPT_ENCODING: 'accept-encoding',
  HTTP_IF_MATCH: 'if-match',
  HTTP_IF_NONE_MATCH: 'if-none-match',
  HTTP_IF_MODIFIED_SINCE: 'if-modified-since',
  HTTP_IF_UNMODIFIED_SINCE: 'if-unmodified-since',
  HTTP_IF_RANGE: 'if-range',
  HTTP_RANGE: 'range',
} as const;

/** The request of an environ, for the normalised path that was found in it. */
export function requestOf(environ: Environ, path: { readonly path: string; readonly opaque: boolean }): PlaceRequest {
  const { REQUEST_METHOD: method, SCRIPT_NAME: script = '', QUERY_STRING: query } = environ;
  return {
    ...{ method, path: path.path, opaque: path.opaque },
    query: query === undefined || query === '' ? undefined : query,
    base: utf8OfLatin1(script),
    fields: fieldsOf(environ),
    id: environ['trivet.request_id'] ?? '',
  };
}

/** The same fields again, from the variables that they became. */
export function fieldsOf(environ: Environ): string[] {
  const fields: string[] = [];
  for (const [variable, name] of Object.entries(asked)) {
    const value = environ[variable as keyof typeof asked];
    if (value !== undefined) fields.push(name, value);
  }
  return fields;
}
