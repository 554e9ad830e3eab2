/**
 * A path as a field may name it. With two slashes at its beginning it would name another host (RFC 3986 §4.2), and
 * browsers take a backslash for a slash and no notice of tabs; behind a dot segment it is the same path of this one.
 */
export function onThisHost(path: string): string {
  return /^\/\t*[/\\]/.test(path) ? `/.${path}` : path;
}
