/** The fields of what this tier answers itself, but for errors: files, listings, redirects, a mere status. */

import type { Head } from '@trivet/kit/files/send.ts';
import { type Fields, field, withField } from '@trivet/kit/semantics/fields.ts';
import type { RouteHeaders } from './define-site.ts';
import { type Exchange, type Front, ownFields } from './front.ts';
import { lastWord, withBoundary } from './response-rules.ts';
import { withRouteHeaders } from './route-headers.ts';

/** What the route says replaces what the tier would; its rules come last. */
export function ownAnswer(front: Front, exchange: Exchange, { status, fields }: Head, headers: RouteHeaders): Head {
  const said = exchange.isPrivate === true ? asPrivate(fields) : fields;
  const dressed = withBoundary(said, withRouteHeaders(said, status, headers));
  return { status, fields: lastWord(dressed, ownFields(front, exchange.inbound), exchange.rules) };
}

/** What is said about caching, but to this client alone. RFC 9111 §5.2.2.7. */
export function asPrivate(fields: Fields): readonly string[] {
  const said = field(fields, 'cache-control');
  if (said === undefined) return [...fields, 'Cache-Control', 'private'];
  if (/\b(?:no-store|private)\b/i.test(said)) return fields;
  const directives = said.split(/\s*,\s*/).filter((directive) => directive !== 'public');
  return withField(fields, 'Cache-Control', ['private', ...directives].join(', '));
}
