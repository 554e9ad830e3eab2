import { ifRangeHolds, type Precondition, precondition } from '@trivet/kit/semantics/conditional.ts';
import { type Fields, field, has } from '@trivet/kit/semantics/fields.ts';
import { type ByteRange, selectRanges } from '@trivet/kit/semantics/range.ts';

/** In which form a client gets a response that the cache has as a whole. */
export type Form =
  | { readonly as: 'whole' }
  | { readonly as: 'part'; readonly range: ByteRange }
  | { readonly as: 'parts'; readonly ranges: readonly ByteRange[] }
  | { readonly as: 'not-modified' }
  | { readonly as: 'precondition-failed' }
  | { readonly as: 'unsatisfiable' };

export type Offered = {
  readonly status: number;
  /** Of the body, where it is known; bytes. */
  readonly length: number | undefined;
  readonly etag: string | undefined;
  /** Milliseconds since the epoch. */
  readonly lastModified: number | undefined;
  /** When the response was born: stands for Last-Modified where there is none (RFC 9111 §4.3.2). */
  readonly born: number | undefined;
};

const whole: Form = { as: 'whole' };

/** Applies the client's conditions and range to a response, RFC 9110 §13.2 and §14.2, RFC 9111 §4.3.2. */
export function formOf(request: { readonly method: string; readonly fields: Fields }, offered: Offered): Form {
  const { method, fields } = request;
  if (offered.status !== 200) return whole;
  const verdict = judged(method, fields, offered);
  if (verdict.verdict === 'not-modified') return { as: 'not-modified' };
  if (verdict.verdict === 'failed') return { as: 'precondition-failed' };
  return method === 'GET' ? ranged(fields, offered) : whole;
}

function judged(method: string, fields: Fields, { etag, lastModified, born }: Offered): Precondition {
  const isSince = has(fields, 'if-modified-since') && !has(fields, 'if-unmodified-since');
  return precondition(method, fields, { etag, lastModified: lastModified ?? (isSince ? born : undefined) });
}

function ranged(fields: Fields, { length, etag, lastModified }: Offered): Form {
  const range = field(fields, 'range');
  // Where only the end of the body will tell its length, no position in it can be promised.
  if (range === undefined || length === undefined || !ifRangeHolds(fields, { etag, lastModified })) return whole;
  const verdict = selectRanges(range, length);
  switch (verdict.verdict) {
    case 'whole':
      return whole;
    case 'part':
      return { as: 'part', range: verdict.range };
    case 'parts':
      return { as: 'parts', ranges: verdict.ranges };
    case 'unsatisfiable':
      return { as: 'unsatisfiable' };
  }
}
