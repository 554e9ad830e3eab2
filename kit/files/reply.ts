/** From what a file answers to what is sent: the head with the frame of several parts, and which bytes follow it. */
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { byteranges } from '../semantics/byteranges.ts';
import type { Fields } from '../semantics/fields.ts';
import type { ByteRange } from '../semantics/range.ts';
import { answer, type FileFacts, type FileRefusal } from './answer.ts';
import { type Framed, type Head, sendFile, sendHead, sendParts } from './send.ts';
import type { Readable } from './stream-file.ts';

/** Bytes of the file that follow the head; `none` where the head is all. */
export type Content =
  | { readonly is: 'none' }
  | { readonly is: 'range'; readonly range: ByteRange }
  | { readonly is: 'parts'; readonly parts: Framed };

export type Reply =
  | { readonly verdict: 'answer'; readonly head: Head; readonly content: Content }
  | { readonly verdict: 'refuse'; readonly why: FileRefusal; readonly fields: Fields };

const none: Content = { is: 'none' };

/** What goes out for a request that arrived at `now` (milliseconds), but for what the server says of itself. */
export function replyTo(request: Parameters<typeof answer>[0], facts: FileFacts, now: number): Reply {
  const verdict = answer(request, facts, now);
  switch (verdict.verdict) {
    case 'refuse':
      return verdict;
    case 'not-modified':
      return { verdict: 'answer', head: { status: 304, fields: verdict.fields }, content: none };
    case 'send-parts':
      return inParts(verdict, facts);
    case 'send': {
      const { status, fields, bytes: range } = verdict;
      return { verdict: 'answer', head: { status, fields }, content: range ? { is: 'range', range } : none };
    }
  }
}

// The boundary must not occur in the file: nobody who wrote it knew this one.
function inParts(
  { fields, ranges }: { readonly fields: Fields; readonly ranges: readonly ByteRange[] },
  { size, type }: FileFacts,
): Reply {
  const boundary = randomBytes(16).toString('hex');
  const { heads, tail, contentType, length } = byteranges(ranges, { boundary, size, contentType: type });
  const head = ['Content-Type', contentType, 'Content-Length', String(length), ...fields];
  return {
    verdict: 'answer',
    head: { status: 206, fields: head },
    content: { is: 'parts', parts: { heads, tail, ranges } },
  };
}

/** Writes a head and what follows it. Rejects with a Fault when the file is cut meanwhile. */
export async function sendReply(response: ServerResponse, head: Head, file: Readable, content: Content): Promise<void> {
  switch (content.is) {
    case 'none':
      return sendHead(response, head);
    case 'range':
      return await sendFile(response, head, file, content.range);
    case 'parts':
      return await sendParts(response, head, file, content.parts);
  }
}

/** What a page says of a refusal; the fields beside it belong to its status (Allow, Content-Range). */
export type RefusedFile = {
  readonly status: number;
  readonly reason: FileRefusal;
  readonly message: string;
  readonly fields: Fields;
};

/** A file is read; whoever wants something else of it hears what it can do. RFC 9110 §15.5.6. */
export const notForFiles: RefusedFile = {
  status: 405,
  reason: 'method-not-allowed',
  message: 'this is a file: it is read with GET or HEAD',
  fields: ['Allow', 'GET, HEAD'],
};

/** A refusal as the page tells it. */
export function refusedFile({ why, fields }: Extract<Reply, { verdict: 'refuse' }>): RefusedFile {
  switch (why) {
    case 'method-not-allowed':
      return notForFiles;
    case 'precondition-failed':
      return { status: 412, reason: why, message: 'the file is not the one that the condition names', fields };
    case 'range-not-satisfiable':
      return { status: 416, reason: why, message: 'the file has no such bytes', fields };
  }
}
