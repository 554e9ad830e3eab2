/**
 * Fields by which some frameworks let a client ask for another path, host or method than the request line says. They are
 * not in the key; with them in the request to the origin, one client could have the answer to its own question stored
 * for everybody's (web cache poisoning). X-Forwarded-Host and its like are written by this hop instead.
 */
const overrides: ReadonlySet<string> = new Set([
  'x-original-url',
  'x-original-uri',
  'x-original-host',
  'x-rewrite-url',
  'x-host',
  'x-http-host-override',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
]);

/** Does a request field override what is in the key? Underscores count as hyphens: in a CGI environment they are. */
export function isOverride(lowerName: string): boolean {
  return lowerName.startsWith('x') && overrides.has(lowerName.replaceAll('_', '-'));
}
