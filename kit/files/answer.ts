/**
 * What a file answers to a request: pure. The request's method and fields and the facts about the chosen representation
 * go in; status, fields and the bytes to send come out. The order is that of RFC 9110 §13.2.2 and §14.2.
 */
import { ifRangeHolds, precondition, type Validators } from '../semantics/conditional.ts';
import { formatHttpDate } from '../semantics/date.ts';
import { type Fields, field } from '../semantics/fields.ts';
import { type ByteRange, contentRange } from '../semantics/range.ts';
import { contentType } from './content-type.ts';
import { entityTag, type FileVersion } from './etag.ts';
import { filePolicy, isHtmlType, withSecurity } from './security-headers.ts';
import { selectParts } from './several-ranges.ts';

/** All that an answer needs to know of a representation. `lastModified` in milliseconds. */
export type FileFacts = {
  readonly type: string;
  readonly coding: string | undefined;
  readonly varies: boolean;
  readonly size: number;
  readonly etag: string;
  readonly lastModified: number;
  readonly cacheControl: string | undefined;
};

export type FileAnswer =
  /** `bytes` are to follow; undefined when the head is all (HEAD, an empty file). */
  | { readonly verdict: 'send'; readonly status: 200 | 206; readonly fields: string[]; readonly bytes?: ByteRange }
  /** 206 in parts: the frame around them, which says type and length, is still to be made. */
  | { readonly verdict: 'send-parts'; readonly fields: string[]; readonly ranges: readonly ByteRange[] }
  | { readonly verdict: 'not-modified'; readonly fields: string[] }
  | { readonly verdict: 'refuse'; readonly why: FileRefusal; readonly fields: string[] };

/** 405, 412, 416. */
export type FileRefusal = 'method-not-allowed' | 'precondition-failed' | 'range-not-satisfiable';

/**
 * The facts about a file by its name, the version that was opened, and the coding it is in. `maxAge`, seconds: how long
 * one may be kept that is no page and whose name has no hash; nothing is said of it where that is left out.
 */
export function factsOf(
  file: { readonly name: string; readonly version: FileVersion; readonly coding: string | undefined },
  maxAge?: number,
): FileFacts {
  const { type, isCompressible } = contentType(file.name);
  return {
    type,
    coding: file.coding,
    varies: isCompressible,
    size: Number(file.version.size),
    etag: entityTag(file.version, file.coding),
    lastModified: Number(file.version.mtimeNs / 1_000_000n),
    cacheControl: cacheControl(file.name, type, maxAge),
  };
}

/** The answer of a file to a request that arrived at `now` (milliseconds). */
export function answer(
  request: { readonly method: string; readonly fields: Fields },
  facts: FileFacts,
  now: number,
): FileAnswer {
  const { method, fields } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    return { verdict: 'refuse', why: 'method-not-allowed', fields: [] };
  }
  const validators: Validators = { etag: facts.etag, lastModified: facts.lastModified };
  const condition = precondition(method, fields, validators);
  switch (condition.verdict) {
    case 'failed':
      return { verdict: 'refuse', why: 'precondition-failed', fields: [] };
    case 'not-modified':
      return { verdict: 'not-modified', fields: identification(facts, now) };
    case 'proceed':
      return send(request, facts, validators, now);
  }
}

function send(
  { method, fields }: { method: string; fields: Fields },
  facts: FileFacts,
  validators: Validators,
  now: number,
): FileAnswer {
  // Range means something for GET alone (RFC 9110 §14.2), and only while the part belongs to what the client has.
  const asked = method === 'GET' && ifRangeHolds(fields, validators) ? field(fields, 'range') : undefined;
  const selected = selectParts(asked, facts.size);
  switch (selected.verdict) {
    case 'unsatisfiable':
      return {
        verdict: 'refuse',
        why: 'range-not-satisfiable',
        fields: ['Content-Range', `bytes */${facts.size}`, 'Accept-Ranges', 'bytes'],
      };
    case 'part': {
      const { first, last } = selected.range;
      const part = ['Content-Range', contentRange(selected.range, facts.size)];
      return {
        verdict: 'send',
        status: 206,
        fields: [...head(facts, last - first + 1, now), ...part],
        bytes: selected.range,
      };
    }
    case 'parts':
      return { verdict: 'send-parts', fields: description(facts, now), ranges: selected.ranges };
    case 'whole': {
      const whole = { verdict: 'send', status: 200, fields: head(facts, facts.size, now) } as const;
      return method === 'HEAD' || facts.size === 0 ? whole : { ...whole, bytes: { first: 0, last: facts.size - 1 } };
    }
  }
}

function head(facts: FileFacts, length: number, now: number): string[] {
  return ['Content-Type', facts.type, 'Content-Length', String(length), ...description(facts, now)];
}

function description(facts: FileFacts, now: number): string[] {
  const coding = facts.coding === undefined ? [] : ['Content-Encoding', facts.coding];
  const fields = [...coding, 'Accept-Ranges', 'bytes', ...identification(facts, now)];
  return isHtmlType(facts.type) ? withSecurity(fields, filePolicy) : fields;
}

/** What a 304 repeats of a 200, RFC 9110 §15.4.5. */
function identification(facts: FileFacts, now: number): string[] {
  return [
    ...['ETag', facts.etag],
    // Never later than Date, RFC 9110 §8.8.2.1.
    ...['Last-Modified', formatHttpDate(Math.min(facts.lastModified, now))],
    ...(facts.cacheControl === undefined ? [] : ['Cache-Control', facts.cacheControl]),
    ...(facts.varies ? ['Vary', 'Accept-Encoding'] : []),
    ...['X-Content-Type-Options', 'nosniff'],
  ];
}

// HTML first: a page keeps its name when its content changes, even one called report-20240101a.html.
function cacheControl(name: string, type: string, maxAge: number | undefined): string | undefined {
  if (isHtmlType(type)) return 'no-cache';
  if (isHashed(name)) return 'public, max-age=31536000, immutable';
  return maxAge === undefined ? undefined : `public, max-age=${maxAge}`;
}

// `app.3f9a2b1c.js`, `app-3f9a2b1c.js`: a build tool named the content. Digits alone are a date or a number.
function isHashed(name: string): boolean {
  const hash = /[^/][.-]([0-9a-f]{8,})\.[^./]+$/i.exec(name)?.[1];
  return hash !== undefined && !/^\d+$/.test(hash);
}
