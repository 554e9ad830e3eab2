import { standardFields } from '@trivet/kit/http1/answer.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { type Fields, has, without } from '@trivet/kit/semantics/fields.ts';

/** The fields of an application's answer with this tier's own. One exchange has one id, the one that all the tiers log. */
export function withStandard(fields: Fields, inbound: Inbound, serverTiming: boolean): string[] {
  const own = has(fields, 'x-request-id') ? without(fields, (name) => name === 'x-request-id') : fields;
  return [...own, ...standardFields(inbound, serverTiming ? 'app' : undefined)];
}
