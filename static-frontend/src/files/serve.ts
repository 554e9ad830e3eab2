/** The step that answers with a file. */
import { factsOf } from '@trivet/kit/files/answer.ts';
import type { Located } from '@trivet/kit/files/locate.ts';
import { refusedFile, replyTo, sendReply } from '@trivet/kit/files/reply.ts';
import { note } from '@trivet/kit/http1/answer.ts';
import type { RouteHeaders } from '../define-site.ts';
import { answerError } from '../error-answer.ts';
import type { Exchange, Front } from '../front.ts';
import { ownAnswer } from '../own-answer.ts';

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
  const reply = replyTo(inbound, factsOf(file), front.now());
  if (reply.verdict === 'refuse') {
    note(response, { why: reply.why });
    return await answerError(front, exchange, refusedFile(reply), headers);
  }
  await sendReply(response, ownAnswer(front, exchange, reply.head, headers), file.handle, reply.content);
}
