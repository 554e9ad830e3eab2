import { trimSpace } from './list.ts';

/** An entity tag; `opaque` is what stands between the quotes. RFC 9110 §8.8.3. */
export type EntityTag = { readonly weak: boolean; readonly opaque: string };

const grammar = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;

/** Reads one entity tag; undefined when it is none. RFC 9110 §8.8.3. */
export function parseEntityTag(text: string): EntityTag | undefined {
  const match = grammar.exec(trimSpace(text));
  if (match === null) return undefined;
  return { weak: match[1] !== undefined, opaque: match[2] ?? '' };
}

/** Reads If-Match or If-None-Match; members that are no entity tags are dropped, so they match nothing. RFC 9110 §13.1.1, §13.1.2. */
export function parseEntityTags(value: string): '*' | EntityTag[] {
  if (trimSpace(value) === '*') return '*';
  const tags: EntityTag[] = [];
  for (const member of members(value)) {
    const tag = parseEntityTag(member);
    if (tag !== undefined) tags.push(tag);
  }
  return tags;
}

/** Equal byte for byte: both strong, same opaque tag. RFC 9110 §8.8.3.2. */
export function strongMatch(a: EntityTag, b: EntityTag): boolean {
  return !a.weak && !b.weak && a.opaque === b.opaque;
}

/** Equal in meaning: same opaque tag, weak or not. RFC 9110 §8.8.3.2. */
export function weakMatch(a: EntityTag, b: EntityTag): boolean {
  return a.opaque === b.opaque;
}

// Not splitList: a backslash in an entity tag escapes nothing, so `"a\", "b"` is two tags.
function* members(value: string): Generator<string> {
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < value.length; i++) {
    if (value[i] === '"') isQuoted = !isQuoted;
    if (value[i] !== ',' || isQuoted) continue;
    yield value.slice(start, i);
    start = i + 1;
  }
  yield value.slice(start);
}
