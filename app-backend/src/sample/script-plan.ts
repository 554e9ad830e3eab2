/**
 * What `/script?…` is told to answer, read from its query. Pure. Parameters that become header fields may come several times
 * and give a line each; those that steer the answer come once. Others are ignored, so that any URL can be made unique.
 */
import { duration } from '@trivet/kit/process/units.ts';
import { parseHttpDate } from '@trivet/kit/semantics/date.ts';
import { parseEntityTag } from '@trivet/kit/semantics/etag.ts';
import type { Header } from '../wsgi.ts';

export type ScriptPlan = {
  readonly status: number;
  /** All fields that were asked for, Content-Type among them. */
  readonly headers: readonly Header[];
  /** `Link` fields of a 103 ahead of the answer; none without any. */
  readonly hints: readonly Header[];
  readonly etag: string | undefined;
  readonly lastModified: number | undefined;
  readonly delayMs: number;
  readonly bodyBytes: number | undefined;
  /** Undefined: in one piece, with a Content-Length. */
  readonly chunks: number | undefined;
  readonly abort: 'after-head' | 'mid-body' | undefined;
};
export type ScriptVerdict =
  | { readonly verdict: 'answer'; readonly plan: ScriptPlan }
  | { readonly verdict: 'bad'; readonly parameter: string; readonly why: string };

type Field = { readonly name: string; readonly read: (value: string) => string };

const asIs = (value: string) => value;

const fields: Readonly<Record<string, Field>> = {
  'cache-control': { name: 'Cache-Control', read: asIs },
  'cdn-cache-control': { name: 'CDN-Cache-Control', read: asIs },
  'surrogate-control': { name: 'Surrogate-Control', read: asIs },
  'no-vary-search': { name: 'No-Vary-Search', read: asIs },
  'cache-groups': { name: 'Cache-Groups', read: asIs },
  'cache-group-invalidation': { name: 'Cache-Group-Invalidation', read: asIs },
  etag: { name: 'ETag', read: entityTag },
  'last-modified': { name: 'Last-Modified', read: httpDate },
  expires: { name: 'Expires', read: asIs },
  vary: { name: 'Vary', read: asIs },
  'set-cookie': { name: 'Set-Cookie', read: asIs },
  tags: { name: 'Surrogate-Key', read: (value) => value.split(/[\s,]+/).join(' ') },
  age: { name: 'Age', read: (value) => String(whole(value, 0, 2 ** 31)) },
  location: { name: 'Location', read: asIs },
  'content-type': { name: 'Content-Type', read: asIs },
  'content-language': { name: 'Content-Language', read: asIs },
  'content-location': { name: 'Content-Location', read: asIs },
};

const longestDelayMs = 300_000;
const mostBodyBytes = 256 * 1024 * 1024;
const mostChunks = 10_000;

class BadParameter extends Error {
  readonly parameter: string;

  constructor(parameter: string, why: string) {
    super(why);
    this.parameter = parameter;
  }
}

/** The plan in a query, or the first parameter that says nothing sensible. */
export function planScript(query: URLSearchParams): ScriptVerdict {
  try {
    return { verdict: 'answer', plan: read(query) };
  } catch (error) {
    if (!(error instanceof BadParameter)) throw error;
    return { verdict: 'bad', parameter: error.parameter, why: error.message };
  }
}

function read(query: URLSearchParams): ScriptPlan {
  const headers = [...query].flatMap(([parameter, value]) => header(parameter, value));
  const given = (name: string) => headers.find(([other]) => other === name)?.[1];
  const lastModified = given('Last-Modified');
  return {
    status: once(query, 'status', (value) => whole(value, 200, 599)) ?? 200,
    headers,
    hints: query.getAll('early-hint').map((value) => ['Link', fieldValue('early-hint', value)]),
    etag: given('ETag'),
    lastModified: lastModified === undefined ? undefined : parseHttpDate(lastModified),
    delayMs: once(query, 'delay', delay) ?? 0,
    bodyBytes: once(query, 'body', (value) => whole(value, 0, mostBodyBytes)),
    chunks: once(query, 'chunks', (value) => whole(value, 1, mostChunks)),
    abort: once(query, 'abort', abortion),
  };
}

function header(parameter: string, value: string): Header[] {
  const field = Object.hasOwn(fields, parameter) ? fields[parameter] : undefined;
  if (field === undefined) return [];
  const text = fieldValue(parameter, value);
  return [[field.name, named(parameter, () => field.read(text))]];
}

function fieldValue(parameter: string, value: string): string {
  if (/^[\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  throw new BadParameter(parameter, 'no header field can hold this');
}

function once<T>(query: URLSearchParams, parameter: string, readValue: (value: string) => T): T | undefined {
  const [value, second] = query.getAll(parameter);
  if (second !== undefined) throw new BadParameter(parameter, 'given more than once');
  return value === undefined ? undefined : named(parameter, () => readValue(value));
}

function named<T>(parameter: string, readValue: () => T): T {
  try {
    return readValue();
  } catch (error) {
    throw new BadParameter(parameter, (error as Error).message);
  }
}

function whole(value: string, least: number, most: number): number {
  const number = /^\d{1,12}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Error(`not a whole number from ${least} to ${most}`);
}

function delay(value: string): number {
  const read = duration.safeParse(value);
  if (!read.success) throw new Error(read.error.issues[0]?.message ?? 'not a duration');
  if (read.data > longestDelayMs) throw new Error(`longer than ${longestDelayMs / 1000}s`);
  return read.data;
}

function abortion(value: string): 'after-head' | 'mid-body' {
  if (value === 'after-head' || value === 'mid-body') return value;
  throw new Error('neither after-head nor mid-body');
}

/** Quotes are spared whoever types an address: `etag=v1` is `"v1"`. */
function entityTag(value: string): string {
  const tag = parseEntityTag(value) ? value : `"${value}"`;
  if (parseEntityTag(tag)) return tag;
  throw new Error('not an entity tag');
}

function httpDate(value: string): string {
  if (parseHttpDate(value) === undefined) throw new Error('not an HTTP date');
  return value;
}
