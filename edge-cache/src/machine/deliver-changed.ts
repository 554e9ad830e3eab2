import { once } from 'node:events';
import { note } from '@trivet/kit/http1/answer.ts';
import { toFault } from '@trivet/kit/semantics/fault.ts';
import { type Fields, without } from '@trivet/kit/semantics/fields.ts';
import type { CacheOutcome } from '../policy/cache-status.ts';
import type { Form } from '../policy/form.ts';
import type { Lifetime } from '../policy/lifetime.ts';
import type { Loan } from '../store/body.ts';
import type { Change, Changeable } from './change.ts';
import { changedForm, cut } from './changed-form.ts';
import { Conduit } from './conduit.ts';
import type { Edge } from './edge.ts';
import type { Exchange } from './exchange.ts';
import type { Reader } from './flow.ts';
import { hasBody } from './form-for.ts';
import { shaped } from './shape.ts';
import { writeHead } from './write-head.ts';

export type Original = Changeable & {
  readonly chunks: AsyncIterable<Buffer>;
  readonly life: Lifetime | undefined;
  readonly outcome: CacheOutcome;
};

/** Gives a client what `changes` make of a response. Where its length is not known, no part of it can be asked for. */
export async function deliverChanged(
  x: Exchange,
  edge: Edge,
  { status, fields: before, chunks, life, outcome }: Original,
  changes: readonly Change[],
): Promise<void> {
  const fields = changedFields(before, changes);
  const isComposite = changes.some((change) => change.isComposite);
  const length = changes.at(-1)?.length;
  const form: Form = isComposite
    ? { as: 'whole' }
    : changedForm(x, { status, fields, length, ...(life && { born: life.born }) });
  writeHead(x, edge, { ...shaped(form, { status, fields }, length), life, outcome });
  if (!hasBody(x, form)) return void x.response.end();
  await sendChunks(x, cut(through(chunks, changes), form, { fields, length: length ?? 0 }));
}

/** A body that is being changed while it is passed on. */
export type Changing = {
  readonly fields: string[];
  /** Takes the body as it comes; undefined for an answer without one. */
  readonly into: Conduit | undefined;
  /** Resolves when the client has all of it, or a broken transfer. */
  readonly sent: Promise<void>;
};

/** Prepares for a body that comes from elsewhere. */
export function changing(x: Exchange, before: Fields, changes: readonly Change[]): Changing {
  const fields = changedFields(before, changes);
  if (x.method === 'HEAD') return { fields, into: undefined, sent: Promise.resolve() };
  const into = new Conduit();
  x.response.once('close', () => into.release());
  return { fields, into, sent: sendChunks(x, through(into.body(), changes)) };
}

function changedFields(before: Fields, changes: readonly Change[]): string[] {
  const changed = changes.reduce((fields, change) => change.fields(fields), [...before]);
  const isUnknown = changes.at(-1)?.length === undefined;
  return without(changed, (name) => name === 'content-length' || (isUnknown && name === 'accept-ranges'));
}

function through(chunks: AsyncIterable<Buffer>, changes: readonly Change[]): AsyncIterable<Buffer> {
  return changes.reduce((body, change) => change.body(body), chunks);
}

/** Sends a body behind a head that is out; what it throws breaks the transfer off. */
export async function sendChunks(x: Exchange, chunks: AsyncIterable<Buffer>): Promise<void> {
  try {
    await send(x, chunks);
  } catch (error) {
    const fault = toFault(error);
    if (!x.response.destroyed) note(x.response, { fault });
    x.response.destroy(x.response instanceof Conduit ? fault : undefined);
  }
}

/** As fast as the client takes it; what it no longer takes is not made. */
async function send({ response }: Exchange, chunks: AsyncIterable<Buffer>): Promise<void> {
  const left = new AbortController();
  const onClose = () => left.abort();
  response.once('close', onClose);
  // The head does not wait for a body that takes its time.
  const flushing = setImmediate(() => {
    if (response.headersSent && !response.writableEnded && !response.destroyed) response.flushHeaders();
  });
  for await (const chunk of chunks) {
    if (response.destroyed) return;
    clearImmediate(flushing);
    if (!response.write(chunk)) await once(response, 'drain', { signal: left.signal });
  }
  clearImmediate(flushing);
  response.off('close', onClose);
  response.end();
}

/** The pieces of a stored body. */
export async function* piecesOfLoan({ pieces }: Loan): AsyncIterable<Buffer> {
  yield* pieces;
}

/** What a reader gets, until it ends or the client leaves; a flow that breaks is thrown. */
export async function* chunksOf(reader: Reader): AsyncIterable<Buffer> {
  let wake: () => void = () => undefined;
  reader.onProgress = () => wake();
  for (;;) {
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    for (let chunk = reader.read(); chunk !== undefined; chunk = reader.read()) yield chunk;
    const { state } = reader;
    if (state.is === 'ended' || reader.isClosed) return;
    if (state.is === 'broken') throw state.fault;
    await promise;
  }
}
