/** Which bytes of a body go to a client that asked for parts of it. */
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import type { ByteRange } from '@trivet/kit/semantics/range.ts';
import type { Form } from '../policy/form.ts';
import { chunksOf } from './deliver-changed.ts';
import type { Reader } from './flow.ts';
import { frameOf } from './shape.ts';

/** The bytes of a range; `start` is where in the representation the first piece begins. */
export function slice(pieces: readonly Buffer[], { first, last }: ByteRange, start = 0): Buffer[] {
  let at = start;
  const parts = pieces.map((piece) => {
    const part = piece.subarray(Math.max(0, first - at), Math.max(0, last + 1 - at));
    at += piece.length;
    return part;
  });
  return parts.filter((part) => part.length > 0);
}

/** What of a stored body goes out, framing included. */
export function piecesFor(form: Form, pieces: readonly Buffer[], fields: Fields): Buffer[] {
  switch (form.as) {
    case 'part':
      return slice(pieces, form.range);
    case 'parts': {
      const size = pieces.reduce((sum, { length }) => sum + length, 0);
      const { heads, tail } = frameOf(form.ranges, fields, size);
      const parts = form.ranges.flatMap((range, at) => [
        Buffer.from(heads[at] ?? '', 'latin1'),
        ...slice(pieces, range),
      ]);
      return [...parts, Buffer.from(tail, 'latin1')];
    }
    default:
      return [...pieces];
  }
}

/** Several parts of a body that is on its way, which must be asked for in the order that they come. */
export async function* partsOf(
  reader: Reader,
  ranges: readonly ByteRange[],
  { fields, length }: { readonly fields: Fields; readonly length: number },
): AsyncIterable<Buffer> {
  const { heads, tail } = frameOf(ranges, fields, length);
  for (const [at, { first, last }] of ranges.entries()) {
    yield Buffer.from(heads[at] ?? '', 'latin1');
    reader.limit(first, last + 1);
    yield* chunksOf(reader);
  }
  yield Buffer.from(tail, 'latin1');
}

/** The form of a body that is read once, from its first byte to its last: its parts in the order that they come. */
export function inOrder(form: Form): Form {
  if (form.as !== 'parts') return form;
  return { as: 'parts', ranges: form.ranges.toSorted((a, b) => a.first - b.first) };
}
