import { note } from '@trivet/kit/http1/answer.ts';
import { has } from '@trivet/kit/semantics/fields.ts';
import type { CacheOutcome } from '../policy/cache-status.ts';
import { unpackFields } from '../store/packed-fields.ts';
import type { Entry } from '../store/store.ts';
import type { Streamed } from './asker.ts';
import { changesFor } from './change.ts';
import { madeHere } from './coded-form.ts';
import { chunksOf, deliverChanged, piecesOfLoan, sendChunks } from './deliver-changed.ts';
import { deliverParts } from './deliver-parts.ts';
import type { Edge } from './edge.ts';
import { type Answer, type Exchange, lookAgain, type Turn } from './exchange.ts';
import type { Reader } from './flow.ts';
import { formFor, hasBody } from './form-for.ts';
import { addTrailers, pour } from './pour.ts';
import { shaped } from './shape.ts';
import { inOrder, partsOf, piecesFor } from './slices.ts';
import { writeHead } from './write-head.ts';

/** Gives a client its answer, in the form that it asked for. */
export function deliver(x: Exchange, edge: Edge, answer: Answer): Promise<Turn> {
  switch (answer.from) {
    case 'store':
      return fromStore(x, edge, answer.entry, answer.outcome);
    case 'parts':
      return deliverParts(x, edge, answer);
    case 'origin':
      return passing(x, edge, answer.streamed, answer.outcome);
  }
}

async function fromStore(x: Exchange, edge: Edge, entry: Entry, outcome: CacheOutcome): Promise<Turn> {
  const loan = edge.store.borrow(entry);
  // Between its being found and now it had to go.
  if (loan === undefined) return lookAgain(x, false);
  x.response.once('close', () => loan.giveBack());
  const { status, bodyLength, isEsi } = entry;
  const fields = unpackFields(entry.sent);
  const changes = changesFor(x, edge, { status, fields, isEsi, held: entry.held, born: entry.life.born });
  if (changes.length > 0) {
    await deliverChanged(x, edge, { status, fields, chunks: piecesOfLoan(loan), life: entry.life, outcome }, changes);
    return { step: 'done' };
  }
  const form = formFor(x, { status, fields, length: bodyLength, born: entry.life.born });
  const hasTrailers = entry.trailers !== '' && x.takesTrailers && form.as === 'whole';
  // Trailers need a chunked body, so its length stays unsaid.
  const shape = shaped(form, { status, fields }, hasTrailers ? undefined : bodyLength);
  writeHead(x, edge, { ...shape, life: entry.life, outcome });
  const pieces = hasBody(x, form) ? piecesFor(form, loan.pieces, fields) : [];
  const last = hasTrailers ? undefined : pieces.pop();
  for (const piece of pieces) x.response.write(piece);
  if (hasTrailers) addTrailers(x.response, unpackFields(entry.trailers));
  x.response.end(last);
  return { step: 'done' };
}

async function passing(x: Exchange, edge: Edge, streamed: Streamed, outcome: CacheOutcome): Promise<Turn> {
  try {
    await fromOrigin(x, edge, streamed, outcome);
  } catch (error) {
    streamed.reader.close();
    throw error;
  }
  return { step: 'done' };
}

async function fromOrigin(x: Exchange, edge: Edge, streamed: Streamed, outcome: CacheOutcome): Promise<void> {
  const { status, fields, reader, life, reason, isEsi, held } = streamed;
  const changes = changesFor(x, edge, { status, fields, isEsi, held });
  if (changes.length > 0) {
    closeWith(x, reader);
    return await deliverChanged(x, edge, { status, fields, chunks: chunksOf(reader), life, outcome }, changes);
  }
  const length = lengthOf(x, streamed);
  const form = inOrder(formFor(x, { status, fields, length: isCodedHere(x, held) ? undefined : length }));
  const shape = shaped(form, { status, fields }, length);
  writeHead(x, edge, { ...shape, life, outcome, reason: form.as === 'whole' ? reason : '' });
  if (!hasBody(x, form)) {
    reader.close();
    return void x.response.end();
  }
  if (form.as === 'parts') {
    closeWith(x, reader);
    return await sendChunks(x, partsOf(reader, form.ranges, { fields, length: length ?? 0 }));
  }
  if (form.as === 'part') reader.limit(form.range.first, form.range.last + 1);
  const poured = await pour(reader, x.response, x.takesTrailers && form.as === 'whole' && length === undefined);
  if (poured.end === 'broken') note(x.response, { fault: poured.fault });
}

// Until then the socket may still read the memory that it was given.
function closeWith({ response }: Exchange, reader: Reader): void {
  response.once('close', () => {
    reader.close();
    reader.onProgress();
  });
}

// Positions are those of what the origin sent: where that has to be decoded for them, it was before this.
function isCodedHere({ requestFields }: Exchange, held: string | undefined): boolean {
  return held !== undefined && has(requestFields, 'range') && madeHere(unpackFields(held)) !== undefined;
}

// A body whose length nobody announced is given one when all of it is here already.
function lengthOf({ method }: Exchange, { length, reader }: Streamed): number | undefined {
  return length ?? (method === 'HEAD' ? undefined : reader.wholeLength);
}
