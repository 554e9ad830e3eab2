import { type Fields, field, lines } from '@trivet/kit/semantics/fields.ts';
import { splitList } from '@trivet/kit/semantics/list.ts';
import { parseList } from 'structured-headers';

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
  for (const group of groupsOf(fields, 'cache-groups')) tags.add(group);
  tags.delete('');
  return [...tags];
}

/** The strings of a field of groups (RFC 9875 §2, §3); none when it is no List of them. */
export function groupsOf(fields: Fields, name: 'cache-groups' | 'cache-group-invalidation'): string[] {
  const value = field(fields, name);
  if (value === undefined) return [];
  try {
    const groups = parseList(value).map(([group]) => group);
    return groups.filter((group) => typeof group === 'string');
  } catch (error) {
    if (error instanceof Error) return [];
    throw error;
  }
}
