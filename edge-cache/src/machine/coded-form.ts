/**
 * The two forms of a response that is stored compressed: as it is stored, and as the origin sent it. `sent` is the head of
 * the one; what the other has in its stead stands in `held`, with a mark, so that neither a 304 nor a decoded answer
 * takes what this edge made for what the origin said.
 */

import { type Coding, forbidsTransforming, knownCoding } from '@trivet/kit/semantics/content-coding.ts';
import {
  encodedFields,
  notInTheCoding,
  ofTheForm,
  variedBy,
  weakened,
  withVary,
} from '@trivet/kit/semantics/encoded-fields.ts';
import { type Fields, field, has, withField, without } from '@trivet/kit/semantics/fields.ts';
import type { ResponseHead } from '@trivet/kit/upstream/upstream.ts';
import { packFields, unpackFields } from '../store/packed-fields.ts';
import type { Draft, Entry } from '../store/store.ts';

/** No origin can say it: of its fields only those are held that are picked by name. */
const MARK = 'edge-coding';
/** The origin itself sent it compressed; only the Vary is this edge's. */
const AS_RECEIVED = 'received';

/** The draft of a response whose body is stored in a coding made here. */
export function encodedDraft(draft: Draft, coding: Coding): Draft {
  const fields = unpackFields(draft.sent);
  const held = draft.held + packFields([...without(fields, (name) => !ofTheForm.has(name)), MARK, coding]);
  return { ...draft, sent: packFields(encodedFields(fields, coding)), held };
}

/** Is it a response that came compressed, and may be decoded for those who cannot do it themselves? */
export function isDecodable(fields: Fields): boolean {
  return knownCoding(field(fields, 'content-encoding')) !== undefined && !forbidsTransforming(fields);
}

/** The draft of a response that came compressed: now Accept-Encoding selects among its forms. */
export function decodableDraft(draft: Draft): Draft {
  const fields = unpackFields(draft.sent);
  if (!isDecodable(fields)) return draft;
  const vary = without(fields, (name) => name !== 'vary');
  return { ...draft, sent: packFields(withVary(fields)), held: draft.held + packFields([...vary, MARK, AS_RECEIVED]) };
}

/** How long the body was before it was compressed here goes with its entry; bytes. */
export function withPlainLength(draft: Draft, bytes: number): Draft {
  const held = unpackFields(draft.held);
  if (has(held, 'content-length')) return draft;
  return { ...draft, held: packFields(['Content-Length', String(bytes), ...held]) };
}

/** The draft of a new head for the body of an entry, which is in the coding that it is in. */
export function redraftedFor({ held }: Draft, draft: Draft, decodes: boolean): Draft {
  const coding = madeHere(unpackFields(held));
  if (coding !== undefined) return encodedDraft(draft, coding);
  return decodes ? decodableDraft(draft) : draft;
}

/** A head for the body of an entry that is not kept; `fields` speak of what the origin sent. */
export function headOfBody(entry: Entry, fields: Fields): { readonly head: ResponseHead; readonly held?: string } {
  const coding = madeHere(unpackFields(entry.held));
  const shown = coding === undefined ? fields : encodedFields(fields, coding);
  const head = {
    status: entry.status,
    reason: '',
    fields: withField(shown, 'Content-Length', String(entry.bodyLength)),
  };
  if (coding === undefined) return { head };
  const held = without(fields, (name) => !ofTheForm.has(name) && name !== 'content-length');
  return { head, held: packFields([...held, MARK, coding]) };
}

/** All fields of a stored response as they were received. */
export function receivedFields(sent: Fields, held: Fields): string[] {
  const mark = field(held, MARK);
  if (mark === undefined) return [...sent, ...held];
  const isOurs = (name: string) =>
    mark === AS_RECEIVED ? name === 'vary' : name === 'content-encoding' || ofTheForm.has(name);
  return [...without(sent, isOurs), ...without(held, (name) => name === MARK)];
}

/** The coding in which this edge, and not the origin, put the body of a response. */
export function madeHere(held: Fields): Coding | undefined {
  return knownCoding(field(held, MARK));
}

/** What a response that is stored in a coding is without it: what the origin sent, where the coding was made here. */
export function plainFields(fields: Fields, held: Fields): string[] {
  const kept = without(fields, (name) => notInTheCoding.has(name));
  const etag = field(fields, 'etag');
  if (madeHere(held) !== undefined) kept.push(...without(held, (name) => name === 'vary' || !ofTheForm.has(name)));
  else if (etag !== undefined) kept.push('ETag', weakened(etag));
  kept.push('Vary', variedBy(fields));
  return kept;
}
