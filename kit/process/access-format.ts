/** A format of the access log as a text with Gunicorn's atoms. Pure. */
import { type Atom, atomOf, knownAtoms, type Logged, needsHeads } from './access-atoms.ts';

export type AccessFormat = {
  /** As it was set. */
  readonly text: string;
  /** Must records have the heads of the exchange? */
  readonly needsHeads: boolean;
  /** Without a line feed; nothing that a client says can break it. */
  line(logged: Logged): string;
};

/** Gunicorn's own format, the combined one of Apache. */
export const gunicornFormat = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s "%(f)s" "%(a)s"';

/** Is this text meant as such a format? */
export function isAccessFormat(text: string): boolean {
  return text.includes('%(');
}

const piece = /%\(((?:[^()])*)\)s|(%%)|([^%]+)|(%.?)/gs;

/** Reads it, once. @throws Error that names an atom which there is not, and those that there are */
export function accessFormat(text: string): AccessFormat {
  const names: string[] = [];
  const parts = Array.from(text.matchAll(piece), ([, name, percent, plain, odd]): string | Atom => {
    if (odd !== undefined)
      throw new Error(`${odd} in ${JSON.stringify(text)} begins no atom: they are %(NAME)s, and %% is %`);
    if (name === undefined) return percent === undefined ? (plain ?? '') : '%';
    const atom = atomOf(name);
    if (atom === undefined) throw new Error(`there is no atom %(${name})s; there are ${knownAtoms}`);
    names.push(name);
    return atom;
  });
  return {
    text,
    needsHeads: names.some(needsHeads),
    line: (logged) => parts.map((part) => (typeof part === 'string' ? part : said(part(logged)))).join(''),
  };
}

/**
 * As Gunicorn has it: a dash for what is missing, `\"` for a quote. Beyond that, controls cannot begin a line (`\x0a`), and a
 * backslash before a quote, the client's or that of the format, is doubled, so that it does not end or extend the field.
 */
function said(value: string | number | undefined): string {
  if (typeof value !== 'string') return value === undefined ? '-' : String(value);
  return value
    .replace(/\\+(?="|$)/g, '$&$&')
    .replaceAll('"', '\\"')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, escaped);
}

function escaped(c: string): string {
  const code = c.charCodeAt(0);
  return code > 0xff ? `\\u${code.toString(16)}` : `\\x${code.toString(16).padStart(2, '0')}`;
}
