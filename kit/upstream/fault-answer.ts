import { formatHttpDate } from '../semantics/date.ts';
import { errorPage } from '../semantics/error-page.ts';
import { type Fault, proxyStatus, type Tier } from '../semantics/fault.ts';
import { entries, type Fields, field } from '../semantics/fields.ts';
import { reasonPhrase } from '../semantics/status.ts';

export type Asked = { readonly id: string; readonly fields: Fields };

/** The whole answer to a request whose connection no response object owns any more; `own` are fields of this hop. */
export function faultAnswer(tier: Tier, asked: Asked, fault: Fault, own: Fields): Buffer {
  const { status, reason, message, retryAfterSeconds } = fault;
  const page = errorPage({ tier, status, reason, message, requestId: asked.id }, field(asked.fields, 'accept'));
  const fields = ['Date', formatHttpDate(Date.now()), 'Connection', 'close', ...page.fields, ...own];
  const told = proxyStatus(tier, fault);
  if (told !== undefined) fields.push('Proxy-Status', told);
  if (retryAfterSeconds !== undefined) fields.push('Retry-After', String(retryAfterSeconds));
  let head = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`;
  for (const [name, value] of entries(fields)) head += `${name}: ${value}\r\n`;
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), page.body]);
}
