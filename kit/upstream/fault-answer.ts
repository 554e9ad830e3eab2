import { errorMessage } from '../semantics/error-message.ts';
import type { Fault, Tier } from '../semantics/fault.ts';
import { type Fields, field } from '../semantics/fields.ts';

export type Asked = { readonly id: string; readonly fields: Fields };

/** The whole answer to a request whose connection no response object owns any more; `own` are fields of this hop. */
export function faultAnswer(tier: Tier, asked: Asked, fault: Fault, own: Fields): Buffer {
  const accept = field(asked.fields, 'accept');
  return errorMessage({ tier, fault, requestId: asked.id, accept, own, now: Date.now() });
}
