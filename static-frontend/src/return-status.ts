/** The step that answers with a status and nothing behind it: nginx's `return`. */

import { sendHead } from '@trivet/kit/files/send.ts';
import type { RouteHeaders } from './define-site.ts';
import { answerError } from './error-answer.ts';
import type { Exchange, Front } from './front.ts';
import { ownAnswer } from './own-answer.ts';

/** Closes without a word: for those who should not even learn that somebody is here. nginx's own. */
const noAnswer = 444;

/** Without content by definition: a length would be that of something else (RFC 9110 §8.6). */
const isBare: ReadonlySet<number> = new Set([204, 304]);

/** Errors get their page, 444 gets nothing, all else an answer without content. */
export async function returnStatus(
  front: Front,
  exchange: Exchange,
  status: number,
  headers: RouteHeaders,
): Promise<void> {
  const { response } = exchange;
  if (status === noAnswer) return void response.destroy();
  if (status >= 400) {
    const refusal = { status, reason: 'by-rule', message: 'the rules of this site answer so' };
    return await answerError(front, exchange, refusal, headers);
  }
  const fields = [...(isBare.has(status) ? [] : ['Content-Length', '0']), 'X-Content-Type-Options', 'nosniff'];
  sendHead(response, ownAnswer(front, exchange, { status, fields }, headers));
}
