/** The fields of an answer on its way from the origin to a client, or into the store. */
import { formatHttpDate } from '@trivet/kit/semantics/date.ts';
import { type Fields, field, has, without } from '@trivet/kit/semantics/fields.ts';
import { appendVia } from '@trivet/kit/semantics/via.ts';
import type { Admission } from '../policy/admission.ts';
import { builtIn, notForClients } from '../policy/built-in.ts';
import type { Resource } from '../policy/key.ts';
import { type Content, contentOf } from '../policy/negotiated.ts';
import { isComplete, partOf } from '../policy/parts.ts';
import { variantOf } from '../policy/vary.ts';
import { flat, packFields, unpackFields } from '../store/packed-fields.ts';
import type { Draft } from '../store/store.ts';
import { receivedFields } from './coded-form.ts';

// What speaks of the exchange that fetched it would be told as if it were about this one.
const notForLater = new Set([...notForClients, 'age', 'content-length', 'server-timing']);
// Of that, what decides about the response and not about its exchange.
const heldBack = new Set(['surrogate-control', 'via', 'age', 'content-length']);

/** What the client that asked gets of the origin's fields. */
export function passedOn(fields: Fields): string[] {
  const kept = builtIn.deliver(fields);
  kept.push('Via', appendVia(fields, '1.1', 'edge-cache'));
  return kept;
}

/** What any client gets of a stored response, but for what each exchange adds. */
function sentLater(status: number, fields: Fields): string[] {
  // Where a part lies is said anew of every part that is cut from it.
  const kept = without(fields, (name) => notForLater.has(name) || (status === 206 && name === 'content-range'));
  kept.push('Via', appendVia(fields, '1.1', 'edge-cache'));
  if ((status === 200 || status === 206) && !has(fields, 'accept-ranges')) kept.push('Accept-Ranges', 'bytes');
  return kept;
}

/** All fields of a stored response as they were received and could be stored: what a 304 is merged into. */
export function storedFields({ sent, held }: Pick<Draft, 'sent' | 'held'>): string[] {
  return receivedFields(
    without(unpackFields(sent), (name) => name === 'via'),
    unpackFields(held),
  );
}

/** What a stored response turned out to be. */
export function contentOfEntry({ sent }: Pick<Draft, 'sent'>): Content {
  return contentOf(unpackFields(sent));
}

const nothing: readonly string[] = Object.freeze([]);

export type Stored = {
  readonly key: string;
  readonly resource: Resource;
  /** The request that the response was selected by, and its range. */
  readonly request: { readonly fields: Fields; readonly range?: string | undefined };
  readonly status: number;
  readonly admitted: Extract<Admission, { verdict: 'store' }>;
  readonly respondedAt: number;
  readonly sinceBan: number;
};

/** A response as it is to be stored, complete but for its body and trailers. */
export function draftOf({ key, resource, request, status, admitted, respondedAt, sinceBan }: Stored): Draft {
  const { vary, life, tags, servesAuthorized, isEsi } = admitted;
  const fields = withDate(admitted.fields, respondedAt);
  const ownKey = flat(key);
  const url = resource.host + resource.path;
  const placed = status === 206 ? partOf(fields, request.range) : undefined;
  // All of its bytes are the whole, however they were asked for (RFC 9111 §3.4).
  const part = placed === undefined || isComplete(placed) ? undefined : placed;
  return {
    key: ownKey,
    url: url === key ? ownKey : flat(url),
    hostLength: resource.host.length,
    vary: vary.length === 0 ? nothing : vary,
    variant: flat(variantOf(vary, request.fields)),
    status: status === 206 && part === undefined ? 200 : status,
    isEsi,
    sent: packFields(sentLater(status, fields)),
    held: packFields(without(fields, (name) => !heldBack.has(name))),
    trailers: '',
    life,
    tags: tags.length === 0 ? nothing : tags.map(flat),
    servesAuthorized,
    part,
    sinceBan,
  };
}

/** The length that a head announces for its body; undefined where only the end tells. */
export function announcedLength(status: number, fields: Fields): number | undefined {
  if (status === 204 || status === 304) return 0;
  const length = field(fields, 'content-length');
  return length !== undefined && /^\d{1,15}$/.test(length) && !has(fields, 'transfer-encoding')
    ? Number(length)
    : undefined;
}

// RFC 9110 §6.6.1: a response without Date gets the one of its arrival when it is stored.
function withDate(fields: Fields, respondedAt: number): Fields {
  return has(fields, 'date') ? fields : [...fields, 'Date', formatHttpDate(respondedAt)];
}
