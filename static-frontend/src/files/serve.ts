/** The step that answers with a file. */
import { randomBytes } from 'node:crypto';
import { note } from '@trivet/kit/http1/answer.ts';
import { byteranges } from '@trivet/kit/semantics/byteranges.ts';
import type { RouteHeaders } from '../define-site.ts';
import { answerError, type Refusal } from '../error-answer.ts';
import type { Exchange, Front } from '../front.ts';
import { ownAnswer } from '../own-answer.ts';
import { answer, type FileAnswer, type FileFacts, factsOf } from './answer.ts';
import type { Located } from './locate.ts';
import { sendFile, sendHead, sendParts } from './send.ts';

/** A file is read; whoever wants something else of it hears what it can do. RFC 9110 §15.5.6. */
export const notForFiles: Refusal = {
  status: 405,
  reason: 'method-not-allowed',
  message: 'this is a file: it is read with GET or HEAD',
  fields: ['Allow', 'GET, HEAD'],
};

/** Answers with `file` as the request's method, conditions and range want it, and closes the file. */
export async function serveFile(front: Front, exchange: Exchange, file: Located, headers: RouteHeaders): Promise<void> {
  try {
    await write(front, exchange, file, headers);
  } finally {
    await file.handle.close();
  }
}

async function write(front: Front, exchange: Exchange, file: Located, headers: RouteHeaders): Promise<void> {
  const { inbound, response } = exchange;
  const facts = factsOf(file);
  const reply: FileAnswer = answer(inbound, facts, front.now());
  const dressed = (status: number, fields: readonly string[]) =>
    ownAnswer(front, exchange, { status, fields }, headers);
  switch (reply.verdict) {
    case 'refuse':
      note(response, { why: reply.why });
      return await answerError(front, exchange, refusal(reply), headers);
    case 'not-modified':
      return sendHead(response, dressed(304, reply.fields));
    case 'send-parts': {
      const { frame, fields } = framed(reply, facts);
      const head = dressed(206, fields);
      return await sendParts(response, head, file.handle, { ...frame, ranges: reply.ranges });
    }
    case 'send': {
      const head = dressed(reply.status, reply.fields);
      if (reply.bytes === undefined) return sendHead(response, head);
      return await sendFile(response, head, file.handle, reply.bytes);
    }
  }
}

// The boundary must not occur in the file: nobody who wrote it knew this one.
function framed({ fields, ranges }: Extract<FileAnswer, { verdict: 'send-parts' }>, { size, type }: FileFacts) {
  const boundary = randomBytes(16).toString('hex');
  const frame = byteranges(ranges, { boundary, size, contentType: type });
  return { frame, fields: ['Content-Type', frame.contentType, 'Content-Length', String(frame.length), ...fields] };
}

function refusal({ why, fields }: Extract<FileAnswer, { verdict: 'refuse' }>): Refusal {
  switch (why) {
    case 'method-not-allowed':
      return notForFiles;
    case 'precondition-failed':
      return { status: 412, reason: why, message: 'the file is not the one that the condition names', fields };
    case 'range-not-satisfiable':
      return { status: 416, reason: why, message: 'the file has no such bytes', fields };
  }
}
