import assert from 'node:assert/strict';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Whole } from './client.ts';

/** What an answer says, in whatever coding it came; fails when that is none of ours. */
export function decoded({ bytes, header }: Pick<Whole, 'bytes' | 'header'>): Buffer {
  switch (header('content-encoding')) {
    case undefined:
      return bytes;
    case 'gzip':
      return gunzipSync(bytes);
    case 'br':
      return brotliDecompressSync(bytes);
    case 'zstd':
      return zstdDecompressSync(bytes);
    default:
      return assert.fail(`it came in ${header('content-encoding')}`);
  }
}
