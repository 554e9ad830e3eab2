/**
 * Is the head that an application gave to start_response one that may go out? Pure; PEP 3333, "The start_response()
 * Callable". A line end inside a status or a value would let whoever controls that text write header fields or a whole
 * second response, so a bad head is refused before anything is sent, and it is never the client's fault.
 */
import { lines } from '@trivet/kit/semantics/fields.ts';
import { isToken } from '@trivet/kit/semantics/list.ts';

export type SoundHead = {
  readonly verdict: 'sound';
  readonly status: number;
  readonly reason: string;
  /** Name, value, name, value … */
  readonly fields: readonly string[];
  readonly contentLength: number | undefined;
};
export type HeadVerdict = SoundHead | { readonly verdict: 'bad'; readonly why: string };
export type FieldsVerdict =
  | { readonly verdict: 'sound'; readonly fields: readonly string[]; readonly contentLength: number | undefined }
  | { readonly verdict: 'bad'; readonly why: string };

// Fields of the connection are the server's business (PEP 3333, "Other HTTP Features"; RFC 9110 §7.6.1). `Status` is CGI's.
/** Names that an application may not set. */
export const forbidden: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
  'status',
]);

/** Three digits, a space and a reason. */
export const statusForm =
  /^([1-9]\d\d) ([\x21-\x7e\x80-\xff]|[\x21-\x7e\x80-\xff][\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])$/;
const valueForm = /^[\x20-\x7e\x80-\xff]*$/;

/** Judges what start_response was called with; types are not trusted, the caller may be plain JavaScript. */
export function checkHead(status: unknown, headers: unknown): HeadVerdict {
  const parts = typeof status === 'string' ? statusForm.exec(status) : null;
  if (parts === null) return bad(`the status ${shown(status)} is not three digits, a space and a reason`);
  const code = Number(parts[1]);
  if (code < 200) return bad(`${code} is an interim status, it cannot end an exchange`);
  const checked = checkHeaders(headers);
  if (checked.verdict === 'bad') return checked;
  return { ...checked, status: code, reason: parts[2] ?? '' };
}

/** Judges a list of header pairs by itself, as `wsgi.early_hints` gets one. */
export function checkHeaders(headers: unknown): FieldsVerdict {
  if (!Array.isArray(headers)) return bad('the headers are not an array');
  const fields: string[] = [];
  for (const header of headers) {
    const why = wrongHeader(header);
    if (why !== undefined) return bad(why);
    fields.push(...(header as [string, string]));
  }
  const [length, second] = lines(fields, 'content-length');
  if (second !== undefined) return bad('Content-Length is given twice');
  if (length === undefined) return { verdict: 'sound', fields, contentLength: undefined };
  if (!/^\d{1,15}$/.test(length)) return bad(`the Content-Length ${shown(length)} is not a number`);
  return { verdict: 'sound', fields, contentLength: Number(length) };
}

function wrongHeader(header: unknown): string | undefined {
  if (!Array.isArray(header) || header.length !== 2) return `the header ${shown(header)} is not a pair`;
  const [name, value] = header as unknown[];
  if (typeof name !== 'string' || typeof value !== 'string')
    return `the header ${shown(header)} is not a pair of strings`;
  if (!isToken(name)) return `the header name ${shown(name)} is not a token`;
  if (forbidden.has(name.toLowerCase())) return `the header ${name} is not the application's to set`;
  if (!valueForm.test(value)) {
    return `the value ${shown(value)} of the header ${name} has a control character or one beyond latin-1`;
  }
  return undefined;
}

function bad(why: string): { readonly verdict: 'bad'; readonly why: string } {
  return { verdict: 'bad', why };
}

const longestShown = 80;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
