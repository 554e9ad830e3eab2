/**
 * Reads the head of an answer as a Python worker sends it. Pure. The worker has checked what its application gave; here it is
 * checked once more, because what passes goes out on the wire as it is.
 */
import { isToken } from '@trivet/kit/semantics/list.ts';
import { forbidden, type HeadVerdict, statusForm } from '../gateway/check-head.ts';

/** Parts are parted by NUL; nothing else of what a line of HTTP may not hold is anywhere. */
const payloadForm = /^[\0\x20-\x7e\x80-\xff]*$/;

/** `STATUS NUL name NUL value …` in latin-1. */
export function readAnswerHead(payload: Buffer): HeadVerdict {
  const text = payload.toString('latin1');
  if (!payloadForm.test(text)) return bad('the head of the answer has a control character');
  const [status = '', ...fields] = text.split('\0');
  const parts = statusForm.exec(status);
  const code = Number(parts?.[1]);
  if (parts === null || code < 200) return bad('the status of the answer is not one that ends an exchange');
  const checked = checkNames(fields);
  if (typeof checked === 'string') return bad(checked);
  return { verdict: 'sound', status: code, reason: parts[2] ?? '', fields, ...checked };
}

/** `name NUL value …`, of a 103. The fields, or why they cannot go out. */
export function readHints(payload: Buffer): readonly string[] | string {
  const text = payload.toString('latin1');
  if (!payloadForm.test(text)) return 'early hints have a control character';
  const fields = text === '' ? [] : text.split('\0');
  const checked = checkNames(fields);
  return typeof checked === 'string' ? checked : fields;
}

function checkNames(fields: readonly string[]): { readonly contentLength: number | undefined } | string {
  if (fields.length % 2 !== 0) return 'a field of the answer has no value';
  let lengths = '';
  for (let i = 0; i < fields.length; i += 2) {
    const kind = kindOf(fields[i] ?? '');
    if (kind === 'bad') return `a field of the answer may not be called ${JSON.stringify(fields[i])}`;
    if (kind === 'length') lengths += `${fields[i + 1]} `;
  }
  if (lengths === '') return { contentLength: undefined };
  if (!/^\d{1,15} $/.test(lengths)) return 'the Content-Length of the answer is not one number';
  return { contentLength: Number(lengths) };
}

type Kind = 'plain' | 'length' | 'bad';

const kinds = new Map<string, Kind>();
/** Names come from the application: past this many the rest is judged anew each time. */
const mostKinds = 500;

function kindOf(name: string): Kind {
  const known = kinds.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  const kind = lower === 'content-length' ? 'length' : isToken(name) && !forbidden.has(lower) ? 'plain' : 'bad';
  if (kinds.size < mostKinds) kinds.set(name, kind);
  return kind;
}

function bad(why: string): HeadVerdict {
  return { verdict: 'bad', why };
}
