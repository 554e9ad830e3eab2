/** What the fields of an answer say once its body is compressed: pure. */
import type { Coding } from './content-coding.ts';
import { parseEntityTag } from './etag.ts';
import { type Fields, field, without } from './fields.ts';
import { splitList } from './list.ts';

/** Fields of one form of a body, not of both; a digest is one of its bytes (RFC 9530 §3). Content-Encoding is added, and stands for itself. */
export const ofTheForm = new Set(['etag', 'vary', 'content-md5', 'digest', 'repr-digest', 'content-digest']);
/** Those, and what is said of the length and the coding. */
export const notInTheCoding = new Set([...ofTheForm, 'content-length', 'content-encoding']);

/** What the fields of a response are once its body is compressed. RFC 9110 §8.8.3: the same in meaning, not in bytes. */
export function encodedFields(fields: Fields, coding: Coding): string[] {
  const kept = without(fields, (name) => notInTheCoding.has(name));
  const etag = field(fields, 'etag');
  if (etag !== undefined) kept.push('ETag', weakened(etag));
  kept.push('Vary', variedBy(fields), 'Content-Encoding', coding);
  return kept;
}

/** An entity tag that says no more than equal in meaning; what is none stays what it is. */
export function weakened(etag: string): string {
  return parseEntityTag(etag)?.weak === false ? `W/${etag.trim()}` : etag;
}

/** A copy that says that Accept-Encoding selects it too, once. */
export function withVary(fields: Fields): string[] {
  return [...without(fields, (name) => name === 'vary'), 'Vary', variedBy(fields)];
}

/** What `Vary` says with Accept-Encoding among its names. */
export function variedBy(fields: Fields): string {
  const vary = field(fields, 'vary') ?? '';
  const names = splitList(vary.toLowerCase());
  if (names.includes('*') || names.includes('accept-encoding')) return vary;
  return names.length === 0 ? 'Accept-Encoding' : `${vary}, Accept-Encoding`;
}
