import type { Fields } from '@trivet/kit/semantics/fields.ts';
import type { Edge } from './edge.ts';
import type { Exchange } from './exchange.ts';

/** What is done to a response on its way from the store, or from the origin, to a client. */
export type Change = {
  /** The head of what it makes of a response. Nobody knows the length of that before it is made. */
  fields(fields: Fields): string[];
  /** The body. What it throws breaks the transfer off: nobody may take a part for the whole. */
  body(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
};

/** The head that is asked whether it has to be changed. */
export type Changeable = { readonly status: number; readonly fields: Fields };

const nothing: readonly Change[] = Object.freeze([]);

/** What is done to this response for this client, in order; most often nothing. */
export function changesFor(_x: Exchange, _edge: Edge, _response: Changeable): readonly Change[] {
  return nothing;
}
