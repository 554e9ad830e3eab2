import { note } from '@trivet/kit/http1/answer.ts';
import { parseHttpDate } from '@trivet/kit/semantics/date.ts';
import { field } from '@trivet/kit/semantics/fields.ts';
import { applied } from '../edit.ts';
import type { CacheOutcome } from '../policy/cache-status.ts';
import { type Form, formOf } from '../policy/form.ts';
import type { Lifetime } from '../policy/lifetime.ts';
import { ageAt } from '../policy/reuse.ts';
import { isConditional } from '../policy/validation.ts';
import { responseView } from '../policy/views.ts';
import { unpackFields } from '../store/packed-fields.ts';
import type { Entry } from '../store/store.ts';
import type { Streamed } from './asker.ts';
import { conclude, ownFields } from './conclude.ts';
import type { Edge } from './edge.ts';
import { type Answer, type Exchange, lookAgain, type Turn } from './exchange.ts';
import { addTrailers, pour } from './pour.ts';
import { type Shape, shaped } from './shape.ts';

/** Gives a client its answer, in the form that it asked for. */
export async function deliver(x: Exchange, edge: Edge, answer: Answer): Promise<Turn> {
  if (answer.from === 'store') return fromStore(x, edge, answer.entry, answer.outcome);
  try {
    await fromOrigin(x, edge, answer.streamed, answer.outcome);
  } catch (error) {
    answer.streamed.reader.close();
    throw error;
  }
  return { step: 'done' };
}

function fromStore(x: Exchange, edge: Edge, entry: Entry, outcome: CacheOutcome): Turn {
  const loan = edge.store.borrow(entry);
  // Between its being found and now it had to go.
  if (loan === undefined) return lookAgain(x, false);
  x.response.once('close', () => loan.giveBack());
  const { status, bodyLength } = entry;
  const fields = unpackFields(entry.sent);
  const form = formFor(x, { status, fields, length: bodyLength, born: entry.life.born });
  const hasTrailers = entry.trailers !== '' && x.takesTrailers && form.as === 'whole';
  // Trailers need a chunked body, so its length stays unsaid.
  const shape = shaped(form, { status, fields }, hasTrailers ? undefined : bodyLength);
  writeHead(x, edge, { ...shape, life: entry.life, outcome });
  const pieces = hasBody(x, form) ? piecesOf(form, loan.pieces) : [];
  const last = hasTrailers ? undefined : pieces.pop();
  for (const piece of pieces) x.response.write(piece);
  if (hasTrailers) addTrailers(x.response, unpackFields(entry.trailers));
  x.response.end(last);
  return { step: 'done' };
}

function piecesOf(form: Form, pieces: readonly Buffer[]): Buffer[] {
  if (form.as !== 'part') return [...pieces];
  const { first, last } = form.range;
  let start = 0;
  const parts = pieces.map((piece) => {
    const part = piece.subarray(Math.max(0, first - start), Math.max(0, last + 1 - start));
    start += piece.length;
    return part;
  });
  return parts.filter((part) => part.length > 0);
}

async function fromOrigin(x: Exchange, edge: Edge, streamed: Streamed, outcome: CacheOutcome): Promise<void> {
  const { status, fields, reader, life, reason } = streamed;
  const length = lengthOf(x, streamed);
  const form = formFor(x, { status, fields, length });
  const shape = shaped(form, { status, fields }, length);
  writeHead(x, edge, { ...shape, life, outcome, reason: form.as === 'whole' ? reason : '' });
  if (!hasBody(x, form)) {
    reader.close();
    return void x.response.end();
  }
  if (form.as === 'part') reader.limit(form.range.first, form.range.last + 1);
  const poured = await pour(reader, x.response, x.takesTrailers && form.as === 'whole' && length === undefined);
  if (poured.end === 'broken') note(x.response, { fault: poured.fault });
}

// A body whose length nobody announced is given one when all of it is here already.
function lengthOf({ method }: Exchange, { length, reader }: Streamed): number | undefined {
  return length ?? (method === 'HEAD' ? undefined : reader.wholeLength);
}

function hasBody({ method }: Exchange, form: Form): boolean {
  return method !== 'HEAD' && (form.as === 'whole' || form.as === 'part');
}

type Whole = Shape & { readonly length: number | undefined; readonly born?: number };

/** The form that the client asked for; most ask for the whole, and nothing has to be looked at. */
function formFor({ method, inbound }: Exchange, { status, fields, length, born }: Whole): Form {
  if (!isConditional(inbound.fields)) return { as: 'whole' };
  return formOf(
    { method, fields: inbound.fields },
    {
      status,
      length,
      etag: field(fields, 'etag'),
      lastModified: parseHttpDate(field(fields, 'last-modified') ?? ''),
      born: born ?? parseHttpDate(field(fields, 'date') ?? ''),
    },
  );
}

type Head = Shape & {
  readonly outcome: CacheOutcome;
  /** Of a response that was not fetched for this client: it has an age. */
  readonly life: Lifetime | undefined;
  readonly reason?: string;
};

function writeHead(x: Exchange, edge: Edge, { status, fields, life, outcome, reason = '' }: Head): void {
  const aged = life === undefined ? fields : [...fields, 'Age', String(ageAt(life, edge.clock()))];
  const edit = x.rules.editsDelivery ? x.rules.deliver(responseView(status, aged), x.view) : undefined;
  const shown = edit === undefined ? aged : applied(edit, aged);
  const head = [...shown, ...conclude(x, edge, status, outcome), ...ownFields(x, edge)];
  if (reason === '') x.response.writeHead(status, head);
  else x.response.writeHead(status, reason, head);
}
