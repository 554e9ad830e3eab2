import { Fault } from '@trivet/kit/semantics/fault.ts';
import { type Fields, lines } from '@trivet/kit/semantics/fields.ts';

/** What belongs to a status, whoever's page it has. RFC 9110 §11.6.1, §10.2.3, §10.2.1. */
const kept = ['WWW-Authenticate', 'Retry-After', 'Allow'] as const;

/** An answer of the app for which a page of this tier stands in, under the app's status. nginx's proxy_intercept_errors. */
export function intercepted({ status, fields }: { readonly status: number; readonly fields: Fields }): Fault {
  const own = kept.flatMap((name) => lines(fields, name.toLowerCase()).flatMap((value) => [name, value]));
  return new Fault('intercepted', 'the application could not answer this', { status, fields: own });
}
