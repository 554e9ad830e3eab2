import { type Fields, field } from './fields.ts';

/** The `Via` value with this hop at its end (RFC 9110 §7.6.3): `version` is that of the message received, as `1.1`. */
export function appendVia(fields: Fields, version: string, name: string): string {
  const before = field(fields, 'via');
  const own = `${version} ${name}`;
  return before === undefined || before === '' ? own : `${before}, ${own}`;
}
