import { hasControl } from '@trivet/kit/semantics/control.ts';
import { requestUri } from '../uri.ts';
import type { Environ } from '../wsgi.ts';

/**
 * An address for `Location`, absolute as WebOb makes it. What names a scheme is the application's own word and stays. Any
 * other is a place on this host and must stay one: `//evil.example`, `/\evil.example` and the like are no host names here
 * (CVE-2024-42353), whatever a browser would read into them.
 */
export function absoluteLocation(location: string, environ: Environ): string {
  // Browsers drop tabs and line ends, and so join what they part.
  if (hasControl(location)) throw new RangeError('a Location may have no control characters');
  const place = location.trim();
  if (/^[a-z][a-z0-9+.-]*:/i.test(place)) return place;
  const base = requestUri(environ, false);
  const local = place.replace(/^[/\\]+/, '/');
  return URL.canParse(local, base) ? new URL(local, base).href : local;
}
