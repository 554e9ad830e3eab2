/** The step that answers with an error of this tier's own. It keeps its status, and an error in making it makes no other. */
import type { ServerResponse } from 'node:http';
import { contentType } from '@trivet/kit/files/content-type.ts';
import { errorPolicy, withSecurity } from '@trivet/kit/files/security-headers.ts';
import { readRange } from '@trivet/kit/files/send.ts';
import { closes, note, noted } from '@trivet/kit/http1/answer.ts';
import { type Fault, faultFields, toFault } from '@trivet/kit/semantics/fault.ts';
import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import type { RouteHeaders } from './define-site.ts';
import { pageFor, type SitePage, wantsPage } from './error-page.ts';
import { type Exchange, type Front, ownFields, tier } from './front.ts';
import { lastWord } from './response-rules.ts';
import { withRouteHeaders } from './route-headers.ts';

/** An answer that refuses: what the page says of it, and the fields that belong to its status (Allow, Content-Range). */
export type Refusal = {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly fields?: Fields;
  /** What broke, where something broke: for the log, Proxy-Status and Retry-After. */
  readonly fault?: Fault;
};

/** Anything thrown, as a refusal. */
export function refusalOf(error: unknown): Refusal {
  const fault = toFault(error);
  const { status, reason, message } = fault;
  return { status, reason, message, fault };
}

/** Answers with the page for `refusal`; once a head is out, the transfer breaks instead. */
export async function answerError(
  front: Front,
  { inbound, response, rules }: Exchange,
  refusal: Refusal,
  headers: RouteHeaders = {},
): Promise<void> {
  const { status, reason, message, fault } = refusal;
  if (fault !== undefined && noted(response)?.fault === undefined) note(response, { fault });
  if (response.headersSent || response.destroyed) return void response.destroy();
  const accept = field(inbound.fields, 'accept');
  const own = wantsPage(accept) ? await pageOrNone(front, response, status) : undefined;
  const page = pageFor({ tier, status, reason, message, requestId: inbound.id }, accept, own);
  const said = [
    ...withSecurity(withRouteHeaders(page.fields, status, headers), errorPolicy),
    ...(refusal.fields ?? []),
    ...(fault === undefined ? [] : faultFields(tier, fault)),
  ];
  const fields = lastWord(said, ownFields(front, inbound), rules);
  // What is still to come of a refused request is not read: nobody knows how much it is, or what stands behind it.
  const isLast = status === 400 || (fault !== undefined && closes(fault)) || inbound.body?.complete === false;
  if (isLast) response.shouldKeepAlive = false;
  response.writeHead(status, fields);
  response.end(page.body);
}

const LARGEST_PAGE = 256 * 1024;

// A page that is not there, too large or not readable is no reason for another error: the kit's own stands in.
async function pageOrNone(front: Front, response: ServerResponse, status: number): Promise<SitePage | undefined> {
  try {
    return await sitePage(front, status);
  } catch (error) {
    const why = `its page cannot be read: ${toFault(error).message}`;
    const before = noted(response)?.why;
    note(response, { why: before === undefined ? why : `${before}; ${why}` });
    return undefined;
  }
}

async function sitePage({ site, root }: Front, status: number): Promise<SitePage | undefined> {
  const name = site.errorPages?.[status];
  if (name === undefined) return undefined;
  const opened = await root.open(name);
  if (opened.is !== 'file') return undefined;
  try {
    const size = Number(opened.version.size);
    if (size === 0 || size > LARGEST_PAGE) return undefined;
    return { type: contentType(name).type, body: await readRange(opened.handle, { first: 0, last: size - 1 }) };
  } finally {
    await opened.handle.close();
  }
}
