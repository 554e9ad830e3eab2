/**
 * One file in memory as the slow lane would send it: the heads its answers begin with, and its bytes. Made from one open
 * file, whose state is the same before and after it was read.
 */

import { answer, type FileFacts, factsOf } from '@trivet/kit/files/answer.ts';
import type { Located } from '@trivet/kit/files/locate.ts';
import { type FileIdentity, isSameVersion } from '@trivet/kit/files/opened.ts';
import { readRange } from '@trivet/kit/files/send.ts';
import type { Validators } from '@trivet/kit/semantics/conditional.ts';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import type { ResponseRules, RouteHeaders } from '../define-site.ts';
import { headText } from '../head-text.ts';
import { byRules } from '../response-rules.ts';
import { withRouteHeaders } from '../route-headers.ts';

export type HotFile = {
  readonly validators: Validators;
  /** Milliseconds; a Last-Modified that is later than Date would be written as Date, so until then this is not for use. */
  readonly usableFrom: number;
  /** Head of a 200, head of a 304: without what belongs to one request or one connection. */
  readonly whole: string;
  readonly notModified: string;
  readonly body: Buffer;
  /** Names the bytes. */
  readonly key: string;
};

/** Two writes within one tick of a file system's clock look like one: bytes this young are not trusted; milliseconds. */
const settledMs = 100;

export type Reading = {
  readonly file: Located;
  readonly headers: RouteHeaders;
  readonly rules?: ResponseRules | undefined;
  /** Bytes that are in memory already. */
  held(key: string): Buffer | undefined;
  /** When the file was about to be opened, milliseconds since the epoch. */
  readonly now: number;
};

/** Reads a file that is open; undefined when it is not the kind, or in no state, to be kept. */
export async function readHotFile({ file, headers, rules, held, now }: Reading): Promise<HotFile | undefined> {
  const facts = factsOf(file);
  if (Number(file.version.ctimeNs / 1_000_000n) > now - settledMs || facts.lastModified > now) return undefined;
  const heads = headsOf(facts, (fields, status) => byRules(withRouteHeaders(fields, status, headers), rules), now);
  if (heads === undefined) return undefined;
  const key = keyOf(file.version);
  const body = held(key) ?? (await bytesOf(file));
  if (body === undefined) return undefined;
  const { etag, lastModified } = facts;
  return { ...heads, validators: { etag, lastModified }, usableFrom: lastModified, body, key };
}

// A condition that every file meets asks for the head of the 304.
function headsOf(facts: FileFacts, dressed: (fields: Fields, status: number) => Fields, now: number) {
  const whole = answer({ method: 'GET', fields: [] }, facts, now);
  const notModified = answer({ method: 'GET', fields: ['if-none-match', '*'] }, facts, now);
  if (whole.verdict !== 'send' || whole.status !== 200 || notModified.verdict !== 'not-modified') return undefined;
  return {
    whole: headText(200, dressed(whole.fields, 200)),
    notModified: headText(304, dressed(notModified.fields, 304)),
  };
}

async function bytesOf({ handle, version }: Located): Promise<Buffer | undefined> {
  // Not from the pool that short buffers share: one of them would keep all of it in memory.
  const body = Buffer.allocUnsafeSlow(Number(version.size));
  if (body.length > 0) (await readRange(handle, { first: 0, last: body.length - 1 })).copy(body);
  return isSameVersion(version, await handle.stat({ bigint: true })) ? body : undefined;
}

function keyOf({ dev, ino, size, mtimeNs, ctimeNs }: FileIdentity): string {
  return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}
