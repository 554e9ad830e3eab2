import { errorPage } from '@trivet/kit/semantics/error-page.ts';
import { Fault, faultFields } from '@trivet/kit/semantics/fault.ts';
import { reasonPhrase } from '@trivet/kit/semantics/status.ts';
import type { Waiting } from './board.ts';

const tier = 'app-backend';

/** The 504 for a request whose process hangs, from status line to page; latin-1. The connection ends with it. */
export function answerTo({ id, isHead }: Omit<Waiting, 'fd'>, timeoutMs: number): string {
  const fault = new Fault('timeout-first-byte', `the application has not let go of its process for ${timeoutMs}ms`);
  const { status, reason, message } = fault;
  const page = errorPage({ tier, status, reason, message, requestId: id }, undefined);
  const fields = [...page.fields, 'X-Request-Id', id, ...faultFields(tier, fault), 'Connection', 'close'];
  const lines = [`HTTP/1.1 ${status} ${reasonPhrase(status)}`];
  for (let i = 0; i + 1 < fields.length; i += 2) lines.push(`${fields[i]}: ${fields[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n${isHead ? '' : page.body.toString('latin1')}`;
}
