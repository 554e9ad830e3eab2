/** For clients that cannot take a stored response as it is stored: what it is without its coding. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type Coding, forbidsTransforming, knownCoding, takesCoding } from '@trivet/kit/semantics/content-coding.ts';
import { type Fields, field, has } from '@trivet/kit/semantics/fields.ts';
import { unpackFields } from '../store/packed-fields.ts';
import type { Change, Changeable } from './change.ts';
import { changedForm } from './changed-form.ts';
import { madeHere, plainFields } from './coded-form.ts';
import { decoded } from './decoded.ts';
import type { Edge } from './edge.ts';
import type { Exchange } from './exchange.ts';

/** Undoes the coding of a stored response where its client needs that; undefined where it takes it as it is. */
export function decodingFor(
  x: Exchange,
  { compression }: Pick<Edge, 'compression'>,
  response: Changeable,
): Change | undefined {
  // A page with markup is decoded for the sake of that.
  if (response.held === undefined || response.isEsi || response.status === 206) return undefined;
  const coding = knownCoding(field(response.fields, 'content-encoding'));
  if (coding === undefined) return undefined;
  const takes = takesCoding(field(x.inbound.fields, 'accept-encoding'), coding);
  const isKept = forbidsTransforming(response.fields) || forbidsTransforming(x.fields);
  // `takers.ts` says the same without asking the response again.
  if (takes && !isKept && !has(x.inbound.fields, 'range')) return undefined;
  const held = unpackFields(response.held);
  const needs =
    madeHere(held) === undefined
      ? compression.isOn && !takes && !isKept
      : !takes || isKept || asksForPart(x, response, held);
  return needs ? decoding(coding, held, response.born !== undefined) : undefined;
}

/** Undoes the coding of a response, whoever asks. `isAtHand`: its whole body is in memory. */
export function decoding(coding: Coding, held: Fields, isAtHand: boolean): Change {
  const length = plainLength(held);
  const isShort = isAtHand && length !== undefined && length <= MOST_AT_ONCE_BYTES;
  return {
    length,
    fields: (fields) => plainFields(fields, held),
    body: (chunks) => (isShort ? decodedAtOnce(chunks, coding) : decoded(chunks, [coding])),
  };
}

// Positions in a body that was compressed here are positions in what the origin sent: the compressed bytes, made anew
// after each eviction, are not the same from one time to the next.
function asksForPart(x: Exchange, { status, fields, born }: Changeable, held: Fields): boolean {
  const length = plainLength(held);
  const plain = { status, fields: plainFields(fields, held), length, ...(born === undefined ? {} : { born }) };
  const { as } = changedForm(x, plain);
  return as === 'part' || as === 'parts' || as === 'unsatisfiable';
}

function plainLength(held: Fields): number | undefined {
  const length = madeHere(held) === undefined ? undefined : field(held, 'content-length');
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** Takes a tenth of a millisecond of the event loop; a stream would cost more than the decoding; bytes. */
const MOST_AT_ONCE_BYTES = 64 * 1024;

async function* decodedAtOnce(chunks: AsyncIterable<Buffer>, coding: Coding): AsyncIterable<Buffer> {
  const bytes = Buffer.concat(await Array.fromAsync(chunks));
  yield atOnce[coding](bytes, { maxOutputLength: MOST_AT_ONCE_BYTES });
}

const atOnce = { zstd: zstdDecompressSync, br: brotliDecompressSync, gzip: gunzipSync } as const;
