/** The `Cookie` field of a request, RFC 6265 §4.2: pure. Names and values are not unquoted or decoded. */
import { type Fields, lines } from './fields.ts';

/** The values of the cookies of this name, the most specific one first (RFC 6265 §5.4). */
export function* cookiesNamed(fields: Fields, name: string): Generator<string> {
  for (const line of lines(fields, 'cookie')) {
    for (const pair of line.split(';')) {
      if (nameOf(pair) === name) yield pair.slice(pair.indexOf('=') + 1).trim();
    }
  }
}

/** A line without the cookies of this name; as it was where there are none. */
export function withoutCookie(line: string, name: string): string {
  const pairs = line.split(';');
  const kept = pairs.filter((pair) => nameOf(pair) !== name);
  return kept.length === pairs.length ? line : kept.join(';').trim();
}

function nameOf(pair: string): string | undefined {
  const equals = pair.indexOf('=');
  return equals < 0 ? undefined : pair.slice(0, equals).trim();
}
