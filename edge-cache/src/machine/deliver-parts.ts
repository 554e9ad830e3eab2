import type { Fields } from '@trivet/kit/semantics/fields.ts';
import type { Loan } from '../store/body.ts';
import { unpackFields } from '../store/packed-fields.ts';
import type { Entry } from '../store/store.ts';
import { chunksOf, sendChunks } from './deliver-changed.ts';
import type { Edge } from './edge.ts';
import { type Answer, type Exchange, lookAgain, type Turn } from './exchange.ts';
import { type Shape, shaped } from './shape.ts';
import { slice } from './slices.ts';
import { writeHead } from './write-head.ts';

type Parts = Extract<Answer, { from: 'parts' }>;
type Lent = { readonly first: number; readonly pieces: readonly Buffer[] };

/** Gives a client an answer that is put together from stored parts, and perhaps one that comes just now. RFC 9111 §3.4. */
export async function deliverParts(x: Exchange, edge: Edge, answer: Parts): Promise<Turn> {
  const { slices, gap } = answer;
  const loans = slices.map(({ entry }) => edge.store.borrow(entry.entry));
  // Until then the socket may still read what it was given.
  x.response.once('close', () => {
    for (const loan of loans) loan?.giveBack();
    gap?.reader.close();
    gap?.reader.onProgress();
  });
  const lent = loans.flatMap((loan, at) => lentOf(loan, slices[at]));
  if (lent.length < slices.length) {
    gap?.reader.close();
    return lookAgain(x, false);
  }
  writeHead(x, edge, {
    ...shapeOf(answer),
    life: oldest(slices.map(({ entry }) => entry.entry)),
    outcome: answer.outcome,
  });
  await sendChunks(x, inOrder(lent, answer));
  return { step: 'done' };
}

function lentOf(loan: Loan | undefined, held: Parts['slices'][number] | undefined): Lent[] {
  const part = held?.entry.entry.part;
  if (loan === undefined || part === undefined || held === undefined) return [];
  return [{ first: held.range.first, pieces: slice(loan.pieces, held.range, part.first) }];
}

async function* inOrder(lent: readonly Lent[], { gap, missing }: Parts): AsyncIterable<Buffer> {
  let isFilled = gap === undefined;
  for (const { first, pieces } of lent) {
    if (!isFilled && gap !== undefined && missing !== undefined && missing.first < first) {
      yield* chunksOf(gap.reader);
      isFilled = true;
    }
    yield* pieces;
  }
  if (!isFilled && gap !== undefined) yield* chunksOf(gap.reader);
}

// The fields of the newest of them, RFC 9111 §3.4.
function shapeOf({ slices, gap, as, range, size }: Parts): Shape {
  const fields = gap?.fields ?? storedFieldsOf(newest(slices.map(({ entry }) => entry.entry)));
  const whole = { status: 200, fields: fields.length === 0 ? [] : withoutPlace(fields) };
  return shaped(as === 'part' ? { as, range } : { as }, whole, size);
}

function storedFieldsOf(entry: Entry | undefined): Fields {
  return entry === undefined ? [] : unpackFields(entry.sent);
}

function withoutPlace(fields: Fields): Fields {
  const kept: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [name = '', value = ''] = [fields[i], fields[i + 1]];
    if (!/^content-(?:range|length)$/i.test(name)) kept.push(name, value);
  }
  return kept;
}

function newest(entries: readonly Entry[]): Entry | undefined {
  return entries.toSorted((a, b) => b.life.born - a.life.born)[0];
}

function oldest(entries: readonly Entry[]) {
  return entries.toSorted((a, b) => a.life.born - b.life.born)[0]?.life;
}
