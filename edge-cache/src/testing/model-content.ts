/** Which bytes an answer of the model brings: decoded, and cut out of the whole. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Whole } from './client.ts';
import { type Accepts, codings, type Range, ranges } from './model-actions.ts';

const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** The body as the client understands it; undefined when it is in a coding that it did not ask for. */
export function contentOf({ bytes, body, header }: Whole, accepts: Accepts): string | undefined {
  const coding = header('content-encoding');
  if (coding === undefined) return body;
  const taken: readonly string[] = codings[accepts];
  return taken.includes(coding) ? decoders[coding]?.(bytes).toString('latin1') : undefined;
}

/** Is it what this Range asks for of the whole, and nothing else? */
export function isPart({ body, header }: Whole, range: Range, whole: string): boolean {
  const { length } = whole;
  const wanted = ranges[range].map((place) => place.map((at) => (at < 0 ? length + at : at)));
  const pieces = wanted.map(([first = 0, last = 0]) => {
    const end = Math.min(last, length - 1);
    return { place: `bytes ${first}-${end}/${length}`, bytes: whole.slice(first, end + 1) };
  });
  if (header('content-encoding') !== undefined) return false;
  const [only] = pieces;
  if (pieces.length === 1) return body === only?.bytes && header('content-range') === only.place;
  const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(header('content-type') ?? '')?.[1];
  const parts = body.split(`--${boundary}`).slice(1);
  const last = parts.pop();
  // In the order asked for or in that of the bytes: which of them is the sender's choice.
  const isHere = ({ place, bytes }: (typeof pieces)[number]) =>
    parts.some((part) => part.includes(`\r\nContent-Range: ${place}\r\n`) && part.endsWith(`\r\n\r\n${bytes}\r\n`));
  return last === '--\r\n' && parts.length > 1 && parts.length === pieces.length && pieces.every(isHere);
}

/** Does this Range want only what lies behind the end of every page? */
export function isUnsatisfiable(range: Range): boolean {
  return range === 'bytes=999999-';
}
