// The one reading of a path, shared by routing, files and rules: a rule that judges one spelling while the disk opens
// another is how encodings climb past a front. What is forwarded upstream is the raw path, never this one.
import { hasControl } from './control.ts';

/** A path as the file system would walk it, or why it is refused. */
export type NormalPath =
  | {
      readonly verdict: 'path';
      /** Decoded once, UTF-8, dot segments resolved, slashes merged; begins with a slash. Never written into a field. */
      readonly path: string;
      /** It had %2F, %5C or a backslash: it may be forwarded raw, but names no file. */
      readonly opaque: boolean;
    }
  | { readonly verdict: 'bad'; readonly why: 'bad-hex' | 'bad-utf8' | 'control' | 'climbs' };

/** Normalises a path without its query (RFC 3986 §5.2.4, §6.2.2); total, and decodes exactly once. */
export function normalizePath(rawPath: string): NormalPath {
  if (isPlain(rawPath)) return { verdict: 'path', path: rawPath, opaque: false };
  if (/%(?![0-9A-Fa-f]{2})/.test(rawPath)) return { verdict: 'bad', why: 'bad-hex' };
  const decoded = decode(rawPath);
  if (decoded === undefined) return { verdict: 'bad', why: 'bad-utf8' };
  if (hasControl(decoded)) return { verdict: 'bad', why: 'control' };
  const path = resolve(decoded);
  if (path === undefined || climbsWhereSlashIsText(rawPath)) return { verdict: 'bad', why: 'climbs' };
  return { verdict: 'path', path, opaque: /%2f|%5c|\\/i.test(rawPath) };
}

/** A path again as it may stand in a field: every octet that is not plain is percent-encoded. RFC 3986 §2.1. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

// Nearly every path is its own normal form; this saves the work below for it.
function isPlain(rawPath: string): boolean {
  return rawPath[0] === '/' && !/[^!-~]|[%\\]|\/[./]/.test(rawPath);
}

function decode(rawPath: string): string | undefined {
  // Raw bytes beyond ASCII are no URI (RFC 3986 §2), and which characters they would be is anybody's guess.
  if (/[^\0-\x7f]/.test(rawPath)) return undefined;
  try {
    return decodeURIComponent(rawPath);
  } catch {
    return undefined; // The hex is good, so what fails is UTF-8: overlong forms, surrogates, cut sequences.
  }
}

// An upstream that leaves %2F alone sees fewer segments for `..` to take away than one that decodes it: neither may be
// led above its root.
function climbsWhereSlashIsText(rawPath: string): boolean {
  if (!/%2f/i.test(rawPath)) return false;
  const decoded = decode(rawPath.replace(/%2f/gi, '-'));
  return decoded === undefined || resolve(decoded) === undefined;
}

function resolve(decoded: string): string | undefined {
  const kept: string[] = [];
  let endsInFolder = true;
  for (const segment of decoded.split('/')) {
    endsInFolder = segment === '' || segment === '.' || segment === '..';
    if (!endsInFolder) kept.push(segment);
    else if (segment === '..' && kept.pop() === undefined) return undefined;
  }
  const path = `/${kept.join('/')}`;
  return endsInFolder && kept.length > 0 ? `${path}/` : path;
}
