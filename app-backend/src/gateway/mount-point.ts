/** Where an application is mounted, and what of a path is behind that. Pure. */
import type { Latin1 } from '../wsgi.ts';

/** Each `%XX` as the byte it stands for, exactly once; what is no escape stays (PEP 3333, RFC 3986 §2.1). */
export function percentDecode(path: string): Latin1 {
  if (!path.includes('%')) return path;
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/**
 * A path prefix as SCRIPT_NAME wants it: decoded, without a slash at its end, '' for the root; undefined when it is none.
 * Two slashes at its start, encoded or not, are refused: an address put together from such a SCRIPT_NAME names another host;
 * segments of dots are, because a client that puts them together with a path asks for another.
 */
export function pathPrefix(text: string): Latin1 | undefined {
  if (text === '' || text === '/') return '';
  const decoded = percentDecode(text);
  const bytes = Buffer.from(decoded, 'utf8').every((byte) => byte > 0x1f && byte !== 0x7f);
  const isPath = /^\/[^/\\]/.test(decoded) && !/[?#\\]/.test(text) && !/\/\.\.?(?:\/|$)/.test(decoded);
  return bytes && isPath ? decoded.replace(/\/+$/, '') : undefined;
}

/** What follows the prefix in a decoded path; undefined when the path is elsewhere. */
export function behind(prefix: Latin1, path: Latin1): Latin1 | undefined {
  if (prefix === '') return path;
  if (!path.startsWith(prefix)) return undefined;
  return path.length === prefix.length || path[prefix.length] === '/' ? path.slice(prefix.length) : undefined;
}
