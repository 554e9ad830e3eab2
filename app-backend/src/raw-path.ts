import { splitQuery } from '@trivet/kit/semantics/target.ts';
import { percentDecode } from './gateway/mount-point.ts';
import { quotePath } from './uri.ts';
import type { Environ, Latin1 } from './wsgi.ts';

/**
 * PATH_INFO in the spelling that the client chose, for a decoded path no longer tells `%2F` from a slash. Where middleware
 * has changed PATH_INFO, or the server told nothing of the spelling, it is quoted as it is.
 */
export function rawPathOf({ PATH_INFO: path, RAW_URI: target }: Pick<Environ, 'PATH_INFO' | 'RAW_URI'>): string {
  return (typeof target === 'string' ? endThatIs(path, splitQuery(target).path) : undefined) ?? quotePath(path);
}

// The end of the target that is PATH_INFO when it is decoded: what is before it are mounts, and what a proxy took off.
function endThatIs(path: Latin1, raw: string): string | undefined {
  if (raw === path) return raw;
  const units = raw.match(/%[0-9A-Fa-f]{2}|[\s\S]/g) ?? [];
  const end = units.slice(Math.max(0, units.length - path.length)).join('');
  return percentDecode(end) === path && end.startsWith('/') ? end : undefined;
}
