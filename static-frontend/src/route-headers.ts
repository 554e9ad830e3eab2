/** The fields that a route adds: they replace what the tier would say, and stand back where the app has spoken. */
import { type Fields, has, withField } from '@trivet/kit/semantics/fields.ts';
import type { RouteHeaders } from './define-site.ts';

// An error kept as long as the page it stands for would outlive its cause by a year.
const caching = /^(?:cache-control|cdn-cache-control|surrogate-control|expires)$/i;

/** An answer that this tier makes, with the fields of its route. Those about caching stay off errors. */
export function withRouteHeaders(fields: Fields, status: number, headers: RouteHeaders): string[] {
  let all = [...fields];
  for (const [name, value] of applying(status, headers)) all = withField(all, name, value);
  return all;
}

/** An answer of the app, with those fields of its route that it does not have. */
export function withRouteDefaults(fields: Fields, status: number, headers: RouteHeaders): string[] {
  const missing = applying(status, headers).filter(([name]) => !has(fields, name.toLowerCase()));
  return [...fields, ...missing.flat()];
}

function applying(status: number, headers: RouteHeaders): [name: string, value: string][] {
  const all = Object.entries(headers);
  return status < 400 ? all : all.filter(([name]) => !caching.test(name));
}
