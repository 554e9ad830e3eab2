import { type Fields, lines } from '@trivet/kit/semantics/fields.ts';
import { splitList, unquote } from '@trivet/kit/semantics/list.ts';

/**
 * The tags that a response is filed under, each once: `Surrogate-Key` (separated by spaces), `Cache-Tag` (by commas) and
 * `Cache-Groups` (a list of strings, RFC 9875 §2). Never an empty one.
 */
export function tagsOf(fields: Fields): string[] {
  const tags = new Set<string>();
  for (const line of lines(fields, 'surrogate-key')) {
    for (const tag of line.split(/[ \t]+/)) tags.add(tag);
  }
  for (const line of lines(fields, 'cache-tag')) {
    for (const tag of splitList(line)) tags.add(tag);
  }
  for (const line of lines(fields, 'cache-groups')) {
    for (const group of splitList(line)) tags.add(unquote(group.replace(/;.*$/, '')));
  }
  tags.delete('');
  return [...tags];
}
