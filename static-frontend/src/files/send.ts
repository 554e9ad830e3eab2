/** Writes a head and the bytes of an open file. The head's Content-Length is a promise: it is kept, or the transfer breaks. */
import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { note } from '@trivet/kit/http1/answer.ts';
import { Fault, toFault } from '@trivet/kit/semantics/fault.ts';
import type { ByteRange } from '@trivet/kit/semantics/range.ts';

export type Head = { readonly status: number; readonly fields: readonly string[] };

/** What is read by its descriptor; a FileHandle. */
export type Readable = Pick<FileHandle, 'read'>;

/** Up to here head and body go out in one write. */
const SMALL_BYTES = 64 * 1024;
const CHUNK_BYTES = 256 * 1024;

/** Sends the bytes of `range`, no faster than the client takes them. Rejects with a Fault when the file is cut meanwhile. */
export async function sendFile(response: ServerResponse, head: Head, file: Readable, range: ByteRange): Promise<void> {
  if (range.last - range.first < SMALL_BYTES) {
    sendHead(response, head, await readRange(file, range));
    return;
  }
  response.writeHead(head.status, [...head.fields]);
  try {
    await pipeline(accountable(chunks(file, range), response), response);
  } catch (error) {
    // The client's leaving is in the log by itself; everything else is ours.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

/** Sends an answer that is all in memory. */
export function sendHead(response: ServerResponse, { status, fields }: Head, body?: Buffer): void {
  response.writeHead(status, [...fields]);
  response.end(body);
}

/** The bytes of `range`, all of them or a Fault. */
export async function readRange(file: Readable, range: ByteRange): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks(file, range)) parts.push(chunk);
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

async function* chunks(file: Readable, { first, last }: ByteRange): AsyncGenerator<Buffer> {
  for (let at = first; at <= last; ) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, last - at + 1));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    // Padding would make a page of it that nobody wrote; ending here would leave the client waiting.
    if (bytesRead === 0) throw new Fault('internal', `the file was cut at byte ${at} while byte ${last} was promised`);
    yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

// The pipeline takes the response down before it reports; the record of the exchange must know why by then.
async function* accountable(source: AsyncGenerator<Buffer>, response: ServerResponse): AsyncGenerator<Buffer> {
  try {
    yield* source;
  } catch (error) {
    note(response, { fault: toFault(error) });
    throw error;
  }
}
