/** The head of the app's answer as the client gets it: pure. */

import { isHtml, withSecurity } from '@trivet/kit/files/security-headers.ts';
import { type Fields, has, without } from '@trivet/kit/semantics/fields.ts';
import { endToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import { appendVia } from '@trivet/kit/semantics/via.ts';
import type { ResponseRules, RouteHeaders } from '../define-site.ts';
import { lastWord } from '../response-rules.ts';
import { withRouteDefaults } from '../route-headers.ts';

/** What this tier adds: its standard fields (request id, timing) and those of the route. */
export type Dressing = {
  readonly own: Fields;
  readonly headers: RouteHeaders;
  readonly rules?: ResponseRules | undefined;
  /** Is the answer for this client alone unless app or route say something about caching? */
  readonly isPrivate?: boolean | undefined;
};

/** End-to-end fields, this hop's marks, and on HTML and errors the security headers that the app left out. RFC 9110 §7.6. */
export function dress(
  head: { readonly status: number; readonly fields: Fields },
  { own, headers, rules, isPrivate }: Dressing,
): { status: number; fields: string[] } {
  const received = endToEnd(head.fields);
  let fields = without(received, (name) => name === 'x-request-id' || name === 'via');
  fields.push('Via', appendVia(received, '1.1', 'static-frontend'));
  fields = withRouteDefaults(fields, head.status, headers);
  if (isPrivate === true && !has(fields, 'cache-control')) fields.push('Cache-Control', 'private');
  if (head.status >= 400 || isHtml(fields)) fields = withSecurity(fields);
  return { status: head.status, fields: lastWord(fields, own, rules) };
}
