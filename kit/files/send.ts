/** Writes a head and the bytes of an open file. The head's Content-Length is a promise: it is kept, or the transfer breaks. */
import type { ServerResponse } from 'node:http';
import type { Byteranges } from '../semantics/byteranges.ts';
import type { ByteRange } from '../semantics/range.ts';
import { cutShort, type Readable, streamFile, streamPieces } from './stream-file.ts';

export type Head = { readonly status: number; readonly fields: readonly string[] };

/** Up to here head and body go out in one write. */
const SMALL_BYTES = 64 * 1024;

/** Sends the bytes of `range`, no faster than the client takes them. Rejects with a Fault when the file is cut meanwhile. */
export async function sendFile(response: ServerResponse, head: Head, file: Readable, range: ByteRange): Promise<void> {
  if (range.last - range.first < SMALL_BYTES) {
    sendHead(response, head, await readRange(file, range));
    return;
  }
  response.writeHead(head.status, [...head.fields]);
  await streamFile(response, file, range);
}

/** The parts of an answer, and the frame around them. */
export type Framed = Pick<Byteranges, 'heads' | 'tail'> & { readonly ranges: readonly ByteRange[] };

/** As `sendFile`, for several parts in one answer. */
export async function sendParts(response: ServerResponse, head: Head, file: Readable, parts: Framed): Promise<void> {
  response.writeHead(head.status, [...head.fields]);
  const pieces = parts.ranges.map((range, at) => ({ before: parts.heads[at] ?? '', range }));
  await streamPieces(response, file, pieces, parts.tail);
}

/** Sends an answer that is all in memory. */
export function sendHead(response: ServerResponse, { status, fields }: Head, body?: Buffer): void {
  response.writeHead(status, [...fields]);
  response.end(body);
}

/** The bytes of `range`, all of them or a Fault. */
export async function readRange(file: Readable, { first, last }: ByteRange): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(last - first + 1);
  for (let at = first; at <= last; ) {
    const { bytesRead } = await file.read(bytes, at - first, last - at + 1, at);
    if (bytesRead === 0) throw cutShort(at, last);
    at += bytesRead;
  }
  return bytes;
}
