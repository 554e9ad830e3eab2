import { parseHttpDate } from '@trivet/kit/semantics/date.ts';
import { field } from '@trivet/kit/semantics/fields.ts';
import { type Form, formOf } from '../policy/form.ts';
import type { Question } from './question.ts';
import type { Shape } from './shape.ts';

export function hasBody({ method }: Pick<Question, 'method'>, form: Form): boolean {
  return method !== 'HEAD' && (form.as === 'whole' || form.as === 'part' || form.as === 'parts');
}

export type Whole = Shape & { readonly length: number | undefined; readonly born?: number };

/** The form that the client asked for; most ask for the whole, and nothing has to be looked at. */
export function formFor(
  { method, requestFields, isConditional }: Pick<Question, 'method' | 'requestFields' | 'isConditional'>,
  { status, fields, length, born }: Whole,
): Form {
  if (!isConditional) return { as: 'whole' };
  return formOf(
    { method, fields: requestFields },
    {
      status,
      length,
      etag: field(fields, 'etag'),
      lastModified: parseHttpDate(field(fields, 'last-modified') ?? ''),
      born: born ?? parseHttpDate(field(fields, 'date') ?? ''),
    },
  );
}
