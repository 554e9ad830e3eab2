/** What caches may do with the answer of a route that is not for everybody: pure. */
import { type Fields, field, withField } from '@trivet/kit/semantics/fields.ts';
import type { Route } from '../define-site.ts';

/** Is what the route answers for those alone who were let in by it? Who is merely kept out, or slowed down, has no secret to find. */
export function isForFew(route: Route | undefined): boolean {
  return route?.basicAuth !== undefined || route?.authRequest !== undefined || route?.access?.allow !== undefined;
}

/**
 * The fields of an answer that no shared cache may keep. `public` would even let it keep the answer to an `Authorization`
 * (RFC 9111 §3.5), and give it to anybody.
 */
export function forFew(fields: Fields): string[] {
  const directives = (field(fields, 'cache-control') ?? '').split(',').map((directive) => directive.trim());
  const others = directives.filter((directive) => directive !== '' && directive !== 'public');
  return withField(fields, 'Cache-Control', ['private', ...others].join(', '));
}
