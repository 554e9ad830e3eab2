/** What becomes of the head of an app's answer, by the options of its route. */
import type { Encoders } from '@trivet/kit/http1/encoder.ts';
import { type Fields, field, has, without } from '@trivet/kit/semantics/fields.ts';
import type { Declined, Dressed } from '@trivet/kit/upstream/relay.ts';
import type { ResponseHead } from '@trivet/kit/upstream/upstream.ts';
import type { Exchange } from '../../front.ts';
import { type Dressing, dress } from '../dress.ts';
import type { Plan } from '../plan.ts';
import { accelBuffering, isBuffered } from './buffering.ts';
import { CompressedBody } from './compressed-body.ts';
import { compressed, compression } from './compression.ts';
import { intercepted } from './intercepted.ts';
import { moved } from './moved.ts';

export type Answering = { readonly plan: Plan; readonly dressing: Dressing; readonly encoders: Encoders };

/** The head as the client gets it, and how its body gets there; or what stands in for both. */
export function answerOf(head: ResponseHead, exchange: Exchange, by: Answering): Dressed | Declined {
  const { plan, dressing } = by;
  if (plan.intercept.has(head.status)) return { declined: intercepted(head) };
  const isUnbuffered = !isBuffered(head.fields, plan.isBuffered);
  const dressed = dress({ status: head.status, fields: forClient(head.fields, plan) }, dressing);
  return plan.compresses
    ? shortened({ ...dressed, isUnbuffered }, exchange, by.encoders)
    : { ...dressed, isUnbuffered };
}

function forClient(fields: Fields, { moves }: Plan): Fields {
  const shown = has(fields, accelBuffering) ? without(fields, (name) => name === accelBuffering) : fields;
  return moves === undefined ? shown : moved(shown, moves);
}

function shortened(answer: Dressed, { inbound, response }: Exchange, encoders: Encoders): Dressed {
  const { status, fields } = answer;
  const given = compression({ version: inbound.version, asked: inbound.fields, status, fields });
  if (given.verdict === 'never') return answer;
  if (given.verdict !== 'encode') return { ...answer, fields: compressed(fields, given) };
  const coded = { ...answer, fields: compressed(fields, given) };
  if (inbound.method === 'HEAD') return coded;
  const length = field(fields, 'content-length');
  const encoder = encoders.begin(given.coding, length === undefined ? undefined : Number(length));
  // Too many at once: this one goes as it came.
  if (encoder === undefined) return { ...answer, fields: compressed(fields, { verdict: 'leave' }) };
  return { ...coded, into: new CompressedBody(response, encoder) };
}
