/**
 * Which clients get a stored response as it is stored: no markup, no decoding, no trailers. What its head has to say to
 * that is looked up once for each entry, and kept as one word.
 */

import { forbidsTransforming, knownCoding, takesCoding } from '@trivet/kit/semantics/content-coding.ts';
import { field, has } from '@trivet/kit/semantics/fields.ts';
import { unpackFields } from '../store/packed-fields.ts';
import type { Entry, Takers } from '../store/store.ts';
import type { Question } from './question.ts';
import { hasLength } from './shape.ts';

/** Does this client get it as it is stored? False also where that takes a closer look (`change.ts`). */
export function isTaken(x: Question, entry: Entry): boolean {
  entry.takers ??= takersOf(entry);
  const { takers } = entry;
  if (takers === 'none' || (entry.trailers !== '' && x.takesTrailers)) return false;
  if (takers === 'all') return true;
  return takesCoding(field(x.inbound.fields, 'accept-encoding'), takers) && !forbidsTransforming(x.fields);
}

function takersOf({ sent, status, isEsi, part, bodyLength }: Entry): Takers {
  if (isEsi || part !== undefined) return 'none';
  const fields = unpackFields(sent);
  // What the slow lane would add, leave out or refuse.
  if (!has(fields, 'date') || has(fields, 'content-length') || (!hasLength(status) && bodyLength > 0)) return 'none';
  const coding = knownCoding(field(fields, 'content-encoding'));
  if (coding === undefined) return 'all';
  return forbidsTransforming(fields) ? 'none' : coding;
}
