import { note } from '@trivet/kit/http1/answer.ts';
import { parseHttpDate } from '@trivet/kit/semantics/date.ts';
import { field } from '@trivet/kit/semantics/fields.ts';
import { applied } from '../edit.ts';
import type { CacheOutcome } from '../policy/cache-status.ts';
import { type Form, formOf } from '../policy/form.ts';
import type { Lifetime } from '../policy/lifetime.ts';
import { ageAt } from '../policy/reuse.ts';
import { responseView } from '../policy/views.ts';
import type { Entry } from '../store/store.ts';
import type { Streamed } from './asker.ts';
import { conclude, ownFields } from './conclude.ts';
import type { Edge } from './edge.ts';
import type { Answer, Exchange, Turn } from './exchange.ts';
import { addTrailers, pour } from './pour.ts';
import { type Shape, shaped } from './shape.ts';

/** Gives a client its answer, in the form that it asked for. */
export async function deliver(x: Exchange, edge: Edge, answer: Answer): Promise<Turn> {
  if (answer.from === 'store') {
    fromStore(x, edge, answer.entry, answer.outcome);
    return { step: 'done' };
  }
  try {
    await fromOrigin(x, edge, answer.streamed, answer.outcome);
  } finally {
    answer.streamed.reader.close();
  }
  return { step: 'done' };
}

function fromStore(x: Exchange, edge: Edge, entry: Entry, outcome: CacheOutcome): void {
  const body = edge.store.bytes(entry);
  const form = formOf(asked(x), { ...validators(entry), status: entry.status, length: entry.bodyLength });
  const hasTrailers = entry.trailers.length > 0 && x.takesTrailers && form.as === 'whole';
  // Trailers need a chunked body, so its length stays unsaid.
  const shape = shaped(
    form,
    { status: entry.status, fields: entry.outgoing },
    hasTrailers ? undefined : entry.bodyLength,
  );
  writeHead(x, edge, { ...shape, life: entry.life, outcome });
  if (hasTrailers) addTrailers(x.response, entry.trailers);
  x.response.end(x.method === 'HEAD' ? undefined : cut(form, body));
}

function cut(form: Form, body: Buffer | undefined): Buffer | undefined {
  if (form.as === 'whole') return body;
  return form.as === 'part' ? body?.subarray(form.range.first, form.range.last + 1) : undefined;
}

async function fromOrigin(x: Exchange, edge: Edge, streamed: Streamed, outcome: CacheOutcome): Promise<void> {
  const { status, fields, reader, life, reason } = streamed;
  const length = lengthOf(x, streamed);
  const form = formOf(asked(x), {
    status,
    length,
    etag: field(fields, 'etag'),
    lastModified: parseHttpDate(field(fields, 'last-modified') ?? ''),
    born: parseHttpDate(field(fields, 'date') ?? '') ?? edge.clock(),
  });
  const shape = shaped(form, { status, fields }, length);
  writeHead(x, edge, { ...shape, life, outcome, reason: form.as === 'whole' ? reason : '' });
  if (!hasBody(x, form)) return void x.response.end();
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

function asked({ method, inbound }: Exchange) {
  return { method, fields: inbound.fields };
}

function validators({ etag, lastModified, life }: Entry) {
  return { etag, lastModified, born: life.born };
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
