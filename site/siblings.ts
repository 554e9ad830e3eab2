/** The compressed siblings of a file: what a server may send in its place to a client that says so. Pure and deterministic. */
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';

/** Names of text formats; all else is compressed by itself, or too seldom asked for. */
const text = /\.(?:css|csv|html|ico|js|json|map|md|mjs|svg|txt|wasm|webmanifest|xml)$/;

/** Below this a sibling saves less than the fields that announce it cost. */
const LEAST_BYTES = 150;

/** Suffix → content of each sibling worth having; none when the file is no text, or too small. */
export function siblings(name: string, content: Buffer): Map<string, Buffer> {
  const all = new Map<string, Buffer>();
  if (!text.test(name) || content.length < LEAST_BYTES) return all;
  const made: readonly [suffix: string, bytes: Buffer][] = [
    ['.zst', zstd(content)],
    ['.br', brotli(content)],
    ['.gz', gzip(content)],
  ];
  for (const [suffix, bytes] of made) {
    if (bytes.length < content.length) all.set(suffix, bytes);
  }
  return all;
}

function zstd(content: Buffer): Buffer {
  return zstdCompressSync(content, { params: { [constants.ZSTD_c_compressionLevel]: 19 } });
}

function brotli(content: Buffer): Buffer {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  return brotliCompressSync(content, { params });
}

function gzip(content: Buffer): Buffer {
  const bytes = gzipSync(content, { level: 9 });
  // RFC 1952 §2.3.1: the operating system that compressed; "unknown", so that every machine makes the same file.
  bytes[9] = 255;
  return bytes;
}
