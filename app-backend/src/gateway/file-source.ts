/**
 * Bodies whose bytes lie in an open file. A server that gets such a body back as the very object may read the file itself,
 * with buffers that it uses again, instead of asking for blocks (PEP 3333, "Optional Platform-Specific File Handling").
 * Middleware that wraps the body hides that, and the blocks are asked for.
 */
import type { Readable } from '@trivet/kit/files/stream-file.ts';
import type { ByteRange } from '@trivet/kit/semantics/range.ts';
import type { Body } from '../wsgi.ts';

/** Where the bytes are to be read from, as it is at the moment that it is asked for. */
export type FileSource = {
  readonly file: Readable;
  /** The first of them, counted from the beginning of the file; 0 where `file` knows by itself where it stands. */
  readonly first: number;
  /** How many there are; undefined: up to the end of the file, wherever that is. */
  readonly length: number | undefined;
};

const sources = new WeakMap<object, () => Promise<FileSource> | FileSource>();

/** Says of a body where its bytes are; `source` is asked when the body is sent, and may reject as opening does. */
export function inFile(body: Body, source: () => Promise<FileSource> | FileSource): Body {
  sources.set(body, source);
  return body;
}

/** How to learn where the bytes of a body are; undefined when nobody has said. */
export function fileSourceOf(body: object): (() => Promise<FileSource> | FileSource) | undefined {
  return sources.get(body);
}

const blockBytes = 64 * 1024;

/** Part of an open file, block by block; what was cut off meanwhile is missing. */
export async function* fileBlocks(file: Readable, { first, last }: ByteRange): AsyncGenerator<Uint8Array> {
  for (let at = first; at <= last; ) {
    const block = Buffer.allocUnsafe(Math.min(blockBytes, last - at + 1));
    const { bytesRead } = await file.read(block, 0, block.length, at);
    if (bytesRead === 0) return;
    yield block.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/** Part of an open file as a body; `close` of the body closes the file. */
export function fileBody(handle: Readable & { close(): Promise<void> }, range: ByteRange): Body {
  const { first, last } = range;
  const body = { [Symbol.asyncIterator]: () => fileBlocks(handle, range), close: () => handle.close() };
  return inFile(body, () => ({ file: handle, first, length: last - first + 1 }));
}
