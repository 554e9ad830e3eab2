import { formatHttpDate } from './date.ts';
import { errorPage } from './error-page.ts';
import { type Fault, faultFields, type Tier } from './fault.ts';
import { entries, type Fields } from './fields.ts';
import { reasonPhrase } from './status.ts';

export type ErrorMessage = {
  readonly tier: Tier;
  readonly fault: Fault;
  readonly requestId: string;
  /** The request's `Accept`, where there was a request. */
  readonly accept: string | undefined;
  /** Fields of this hop beside the page's. */
  readonly own: Fields;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/** An error as the bytes of a whole last response, for a connection that no response object owns. RFC 9112 §9.6. */
export function errorMessage({ tier, fault, requestId, accept, own, now }: ErrorMessage): Buffer {
  const { status, reason, message } = fault;
  const page = errorPage({ tier, status, reason, message, requestId }, accept);
  const fields = [
    'Date',
    formatHttpDate(now),
    'Connection',
    'close',
    ...own,
    ...faultFields(tier, fault),
    ...page.fields,
  ];
  let head = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`;
  for (const [name, value] of entries(fields)) head += `${name}: ${value}\r\n`;
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), page.body]);
}
