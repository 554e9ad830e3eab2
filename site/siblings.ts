/** The compressed siblings of a file: what a server may send in its place to a client that says so. Deterministic. */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip, zstdCompress } from 'node:zlib';
import { contentType } from '@trivet/kit/files/content-type.ts';

export type Suffix = '.zst' | '.br' | '.gz';

export const suffixes: readonly Suffix[] = ['.zst', '.br', '.gz'];

/** Below this a sibling saves less than the fields that announce it cost. */
export const LEAST_BYTES = 256;

/** Is this a name for which the front looks for siblings? All else is compressed by itself. */
export function mayHaveSiblings(name: string): boolean {
  return contentType(name).isCompressible;
}

/** Suffix → content of each sibling worth having; none when the file is of another kind, or too small. */
export async function siblings(
  name: string,
  content: Buffer,
  wanted: readonly Suffix[] = suffixes,
): Promise<Map<Suffix, Buffer>> {
  if (!mayHaveSiblings(name) || content.length < LEAST_BYTES) return new Map();
  const made = wanted.map(async (suffix) => [suffix, await compress[suffix](content)] as const);
  return new Map((await Promise.all(made)).filter(([, bytes]) => bytes.length < content.length));
}

/** The operating system that compressed, RFC 1952 §2.3.1: "unknown", so that every machine makes the same file. */
const unknownSystem = 255;

const [zstd, brotli, gz] = [promisify(zstdCompress), promisify(brotliCompress), promisify(gzip)];

const compress: Readonly<Record<Suffix, (content: Buffer) => Promise<Buffer>>> = {
  '.zst': (content) => zstd(content, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }),
  '.br': (content) => {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    return brotli(content, { params });
  },
  '.gz': async (content) => {
    const bytes = await gz(content, { level: 9 });
    bytes[9] = unknownSystem;
    return bytes;
  },
};
