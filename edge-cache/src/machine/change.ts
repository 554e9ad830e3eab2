import { type Fields, has } from '@trivet/kit/semantics/fields.ts';
import { decodingFor } from './decoding.ts';
import type { Edge } from './edge.ts';
import { composition, decodedForMarkup } from './esi/change.ts';
import type { Exchange } from './exchange.ts';

/** What is done to a response on its way from the store, or from the origin, to a client. */
export type Change = {
  /** Of what it makes of the body, where that is known before it is made; bytes. Only then are there parts of it. */
  readonly length?: number | undefined;
  /** The head of what it makes of a response. */
  fields(fields: Fields): string[];
  /** The body. What it throws breaks the transfer off: nobody may take a part for the whole. */
  body(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
  /** It puts other answers into this one: what a client has of it is never known to be still true. */
  readonly isComposite?: boolean;
};

/** The head that is asked whether it has to be changed. */
export type Changeable = {
  readonly status: number;
  readonly fields: Fields;
  /** Its ESI markup is to be processed. */
  readonly isEsi?: boolean | undefined;
  /** Of a response that is stored, or is on its way there: what is stored beside its fields. */
  readonly held?: string | undefined;
  /** Of one that is stored, and all at hand: when it was; milliseconds since the epoch. */
  readonly born?: number | undefined;
};

type Candidate = (x: Exchange, edge: Edge, response: Changeable) => Change | undefined;

// In this order: each is asked about what those before it make of the response.
const candidates: readonly Candidate[] = [decodingFor, decodedForMarkup, composition];
const nothing: readonly Change[] = Object.freeze([]);

/** What is done to this response for this client, in order; most often nothing. */
export function changesFor(x: Exchange, edge: Edge, response: Changeable): readonly Change[] {
  // All of them are about markup or a coding.
  if (!response.isEsi && !has(response.fields, 'content-encoding')) return nothing;
  let changes = nothing;
  let changed = response;
  for (const candidate of candidates) {
    const change = candidate(x, edge, changed);
    if (change === undefined) continue;
    changes = [...changes, change];
    changed = { ...changed, fields: change.fields(changed.fields) };
  }
  return changes;
}
