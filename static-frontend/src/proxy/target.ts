/** The target as the app gets it: pure. */
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { encodePath, normalizePath } from '@trivet/kit/semantics/path.ts';
import { splitQuery } from '@trivet/kit/semantics/target.ts';

/** What of a path is replaced, and by what. */
export type Swap = { readonly base: string; readonly to: string };

/**
 * Puts `to` in place of what matched the route's path, however that was written (`//api/x`, `/%61pi/x`); the rest stays
 * byte for byte, `%2F` too. A path with dot segments becomes its normal form first, as with nginx's proxy_pass: the app
 * never resolves it to something else than what the route matched.
 */
export function swapped(target: string, swap: Swap | undefined): string {
  if (swap === undefined) return target;
  const { base, to } = swap;
  const { path, query } = splitQuery(target);
  const source = dotSegment.test(path) ? normalForm(path) : path;
  const end = endOf(base, source);
  if (end === undefined) throw new Fault('internal', 'the target is not one of its route');
  const rest = to.endsWith('/') ? source.slice(end).replace(/^\/+/, '') : source.slice(end);
  return query === undefined ? to + rest : `${to}${rest}?${query}`;
}

// Also between slashes that are written as %2F: who decodes them before it looks for dots sees these.
const dotSegment = /(?:\/|%2f)(?:\.|%2e){1,2}(?:\/|%2f|$)/i;

function normalForm(path: string): string {
  const normal = normalizePath(path);
  if (normal.verdict === 'bad') throw new Fault('bad-path', `the path cannot be read: ${normal.why}`);
  return encodePath(normal.path);
}

const SLASH = 0x2f;

/** Where in a raw path that what is `base` in normal form ends. */
function endOf(base: string, raw: string): number | undefined {
  let at = 0;
  for (const byte of Buffer.from(base)) {
    if (octetAt(raw, at) !== byte) return undefined;
    at = nextOctet(raw, at);
    while (byte === SLASH && octetAt(raw, at) === SLASH) at = nextOctet(raw, at);
  }
  return at;
}

function octetAt(raw: string, at: number): number {
  return raw[at] === '%' ? Number.parseInt(raw.slice(at + 1, at + 3), 16) : raw.charCodeAt(at);
}

function nextOctet(raw: string, at: number): number {
  return at + (raw[at] === '%' ? 3 : 1);
}
