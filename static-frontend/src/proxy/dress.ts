/** The head of the app's answer as the client gets it: pure. */
import { type Fields, without } from '@trivet/kit/semantics/fields.ts';
import { endToEnd } from '@trivet/kit/semantics/hop-by-hop.ts';
import { appendVia } from '@trivet/kit/semantics/via.ts';
import type { RouteHeaders } from '../define-site.ts';
import { withRouteDefaults } from '../route-headers.ts';
import { isHtml, withSecurity } from '../security-headers.ts';

/** What this tier adds: its standard fields (request id, timing) and those of the route. */
export type Dressing = { readonly own: Fields; readonly headers: RouteHeaders };

/** End-to-end fields, this hop's marks, and on HTML and errors the security headers that the app left out. RFC 9110 §7.6. */
export function dress(
  head: { readonly status: number; readonly fields: Fields },
  { own, headers }: Dressing,
): { status: number; fields: string[] } {
  const received = endToEnd(head.fields);
  let fields = without(received, (name) => name === 'x-request-id' || name === 'via');
  fields.push('Via', appendVia(received, '1.1', 'static-frontend'));
  fields = withRouteDefaults(fields, head.status, headers);
  if (head.status >= 400 || isHtml(fields)) fields = withSecurity(fields);
  return { status: head.status, fields: [...fields, ...own] };
}
