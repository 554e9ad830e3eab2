/** Bodies without their content codings (RFC 9110 §8.4.1). */
import { pipeline, type Transform } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { splitList } from '@trivet/kit/semantics/list.ts';

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  // RFC 9659: no larger window is to be asked of anybody on the web.
  zstd: () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 23 } }),
};

/** The codings of a body in the order in which they were applied; undefined when one of them is not known here. */
export function codingsOf(fields: Fields): readonly string[] | undefined {
  const codings = splitList((field(fields, 'content-encoding') ?? '').toLowerCase()).filter(
    (name) => name !== 'identity',
  );
  return codings.every((name) => Object.hasOwn(decoders, name)) ? codings : undefined;
}

/** The body without its codings. One that is corrupt or cut short is thrown as a fault, wherever that shows. */
export function decoded(chunks: AsyncIterable<Buffer>, codings: readonly string[]): AsyncIterable<Buffer> {
  return codings.reduceRight((body, coding) => decodedOnce(body, coding), chunks);
}

async function* decodedOnce(chunks: AsyncIterable<Buffer>, coding: string): AsyncIterable<Buffer> {
  const decoder = decoders[coding]?.();
  if (decoder === undefined) throw new Fault('bad-response', `a body in the coding ${coding}, which is not known`);
  const input = chunks[Symbol.asyncIterator]();
  const first = await input.next();
  // A body of no bytes has no coding: so answers to HEAD look, 204s, and many an empty page.
  if (first.done) return;
  // What goes wrong in any part of it is thrown by the loop below.
  const flowing = pipeline(copied(first.value, input), decoder, () => undefined);
  try {
    for await (const chunk of flowing) yield chunk;
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('bad-response', `a body that is no ${coding}, or is cut short`, { cause });
  } finally {
    decoder.destroy();
  }
}

// zlib reads its input in a thread of its own, and the store may free what it lent before that is done.
async function* copied(first: Buffer, rest: AsyncIterator<Buffer>): AsyncIterable<Buffer> {
  yield* copies(first);
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield* copies(next.value);
}

const STEP_BYTES = 64 * 1024;

function* copies(chunk: Buffer): Iterable<Buffer> {
  for (let at = 0; at < chunk.length; at += STEP_BYTES) yield Buffer.from(chunk.subarray(at, at + STEP_BYTES));
}
