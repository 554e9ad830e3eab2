/** The step that answers with what is in a folder. */

import { listFolder } from '@trivet/kit/files/list-folder.ts';
import { listingJson, listingPage } from '@trivet/kit/files/listing-page.ts';
import { notForFiles } from '@trivet/kit/files/reply.ts';
import { withSecurity } from '@trivet/kit/files/security-headers.ts';
import { sendHead } from '@trivet/kit/files/send.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { field } from '@trivet/kit/semantics/fields.ts';
import { prefers } from '@trivet/kit/semantics/negotiate.ts';
import type { RouteHeaders } from '../define-site.ts';
import { answerError } from '../error-answer.ts';
import type { Exchange, Front } from '../front.ts';
import { ownAnswer } from '../own-answer.ts';

/** A page without anything but its own style: what a file is called must not run. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/** The folder by its name below the root, and the decoded path that was asked for it. */
export type ListedFolder = { readonly name: string; readonly path: string };

/** Answers with the entries of a folder, as HTML or as JSON by Accept. @throws Fault when it has gone meanwhile. */
export async function serveListing(
  front: Front,
  exchange: Exchange,
  { name, path }: ListedFolder,
  headers: RouteHeaders,
): Promise<void> {
  const { inbound, response } = exchange;
  if (inbound.method !== 'GET' && inbound.method !== 'HEAD') {
    return await answerError(front, exchange, notForFiles, headers);
  }
  const listing = await listFolder(front.root, name);
  if (listing === undefined) throw new Fault('not-found', 'there is nothing of this name here');
  const type = prefers(field(inbound.fields, 'accept'), ['text/html', 'application/json']);
  const isPage = type === 'text/html';
  const body = Buffer.from(isPage ? listingPage(path, listing) : listingJson(listing));
  const fields = [
    ...['Content-Type', isPage ? 'text/html; charset=utf-8' : type, 'Content-Length', String(body.length)],
    ...['Cache-Control', 'no-cache', 'Vary', 'Accept', 'X-Content-Type-Options', 'nosniff'],
    ...(listing.isWhole ? [] : ['X-Listing-Truncated', String(listing.entries.length)]),
  ];
  const head = { status: 200, fields: isPage ? withSecurity(fields, policy) : fields };
  sendHead(response, ownAnswer(front, exchange, head, headers), body);
}
