import { hash, randomBytes } from 'node:crypto';
import { type Byteranges, byteranges } from '@trivet/kit/semantics/byteranges.ts';
import { type Fields, field, has, without } from '@trivet/kit/semantics/fields.ts';
import { type ByteRange, contentRange } from '@trivet/kit/semantics/range.ts';
import type { Form } from '../policy/form.ts';

const secret = randomBytes(16).toString('hex');

/** A head as a client gets it. */
export type Shape = { readonly status: number; readonly fields: Fields };

// Of a body that is not sent; the rest of a 304 renews what the client has (RFC 9110 §15.4.5).
const ofTheContent = new Set([
  'content-length',
  'content-type',
  'content-encoding',
  'content-language',
  'content-range',
  'content-md5',
  'content-disposition',
]);

/** The head of a whole response of `length` bytes (where that is known) in the form that its client gets. */
export function shaped(form: Form, { status, fields }: Shape, length: number | undefined): Shape {
  switch (form.as) {
    case 'whole':
      return { status, fields: framed(status, fields, length) };
    case 'not-modified':
      return { status: 304, fields: bodyless(fields) };
    case 'precondition-failed':
      return { status: 412, fields: [...bodyless(fields), 'Content-Length', '0'] };
    case 'unsatisfiable':
      return {
        status: 416,
        fields: [...bodyless(fields), 'Content-Range', `bytes */${length ?? 0}`, 'Content-Length', '0'],
      };
    case 'parts':
      return { status: 206, fields: severalParts(form.ranges, fields, length ?? 0) };
    case 'part': {
      const { first, last } = form.range;
      const kept = without(fields, (name) => name === 'content-length' || name === 'content-range');
      kept.push('Content-Range', contentRange(form.range, length ?? 0), 'Content-Length', String(last + 1 - first));
      return { status: 206, fields: kept };
    }
  }
}

/** The frame around the parts of this response. Who wants to forge a part would have to know its hash. */
export function frameOf(ranges: readonly ByteRange[], fields: Fields, size: number): Byteranges {
  const boundary = hash('sha256', `${field(fields, 'etag')} ${field(fields, 'date')} ${secret}`).slice(0, 32);
  return byteranges(ranges, { boundary, size, contentType: field(fields, 'content-type') });
}

function severalParts(ranges: readonly ByteRange[], fields: Fields, size: number): string[] {
  const { contentType, length } = frameOf(ranges, fields, size);
  const kept = without(
    fields,
    (name) => name === 'content-length' || name === 'content-range' || name === 'content-type',
  );
  kept.push('Content-Type', contentType, 'Content-Length', String(length));
  return kept;
}

function bodyless(fields: Fields): string[] {
  return without(fields, (name) => ofTheContent.has(name));
}

/** Does a whole answer of this status say its length? RFC 9110 §8.6: a 204 has none, not even 0. */
export function hasLength(status: number): boolean {
  return status !== 204;
}

function framed(status: number, fields: Fields, length: number | undefined): Fields {
  if (length === undefined || !hasLength(status) || has(fields, 'content-length')) return fields;
  return [...fields, 'Content-Length', String(length)];
}
