/** The step that decides when a request body goes to the app: from its first byte on, or once it is here. */

import { type BodyPlaces, refuseTooLarge, type TakenBody, takeBody } from '@trivet/kit/http1/body/intake.ts';
import { has } from '@trivet/kit/semantics/fields.ts';
import type { Exchange } from '../../front.ts';
import type { Plan } from '../plan.ts';

/** The body of a request, to be passed on; undefined where it is passed on as it comes, or there is none. */
export async function bodyHere(
  { inbound, response }: Exchange,
  { bodyLimit: limit, takesBodyFirst }: Plan,
  places: BodyPlaces,
): Promise<TakenBody | undefined> {
  const { body: source, bodyLength } = inbound;
  if (source === undefined) return undefined;
  refuseTooLarge(bodyLength, limit);
  return takesBodyFirst ? await takeBody({ source, response, limit, places }) : undefined;
}

/** What came in chunks is as long as it turned out to be. */
export function withLength(fields: string[], { length }: TakenBody): string[] {
  if (!has(fields, 'content-length')) fields.push('Content-Length', String(length));
  return fields;
}
