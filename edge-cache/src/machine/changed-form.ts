import type { Fields } from '@trivet/kit/semantics/fields.ts';
import type { ByteRange } from '@trivet/kit/semantics/range.ts';
import type { Form } from '../policy/form.ts';
import type { Exchange } from './exchange.ts';
import { formFor, type Whole } from './form-for.ts';
import { frameOf } from './shape.ts';
import { inOrder } from './slices.ts';

/** The form of a response that is made while it is sent, once, from its first byte on. */
export function changedForm(x: Exchange, whole: Whole): Form {
  return inOrder(formFor(x, whole));
}

type Made = { readonly fields: Fields; readonly length: number };

/** What of a body that comes by goes to the client. What lies behind that is not made. */
export function cut(chunks: AsyncIterable<Buffer>, form: Form, { fields, length }: Made): AsyncIterable<Buffer> {
  switch (form.as) {
    case 'part':
      return parts(chunks, [form.range], { heads: [], tail: '' });
    case 'parts':
      return parts(chunks, form.ranges, frameOf(form.ranges, fields, length));
    default:
      return chunks;
  }
}

type Frame = { readonly heads: readonly string[]; readonly tail: string };
type Ranges = readonly ByteRange[];

async function* parts(chunks: AsyncIterable<Buffer>, ranges: Ranges, frame: Frame): AsyncIterable<Buffer> {
  const wanted = [...ranges];
  let start = 0;
  yield* framing(frame.heads[0]);
  for await (const chunk of chunks) {
    yield* partsIn({ chunk, start }, { wanted, ...frame });
    start += chunk.length;
    if (wanted.length === 0) break;
  }
  yield* framing(frame.tail);
}

type Here = { readonly chunk: Buffer; readonly start: number };

/** What lies in this chunk of the ranges that are still wanted; those that end in it are taken off. */
function* partsIn(
  { chunk, start }: Here,
  { wanted, heads }: Frame & { readonly wanted: ByteRange[] },
): Iterable<Buffer> {
  for (let range = wanted[0]; range !== undefined; range = wanted[0]) {
    const part = chunk.subarray(Math.max(0, range.first - start), Math.max(0, range.last + 1 - start));
    if (part.length > 0) yield part;
    if (range.last >= start + chunk.length) return;
    wanted.shift();
    yield* framing(wanted.length === 0 ? undefined : heads[heads.length - wanted.length]);
  }
}

function* framing(text = ''): Iterable<Buffer> {
  if (text !== '') yield Buffer.from(text, 'latin1');
}
