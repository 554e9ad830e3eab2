/**
 * What a page says to the browser about itself unless somebody decided otherwise. Put on HTML and on errors, whoever made
 * them; a value that is there stays. Values that no ordinary site breaks under: who needs more says so in `site.ts`.
 */
import { type Fields, field, has } from '../semantics/fields.ts';

const basic: Fields = [
  ...['X-Content-Type-Options', 'nosniff'],
  ...['Referrer-Policy', 'strict-origin-when-cross-origin'],
  ...['X-Frame-Options', 'SAMEORIGIN'],
  ...['Permissions-Policy', 'camera=(), geolocation=(), microphone=()'],
];

/** For HTML files: no other site frames it, moves its base or embeds plug-ins in it. */
export const filePolicy = "base-uri 'self'; frame-ancestors 'self'; object-src 'none'";

/** For error pages: nothing from elsewhere, so that an error is not a way in. */
export const errorPolicy =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** `fields` with the security headers that it lacks; with `policy`, Content-Security-Policy is one of them. */
export function withSecurity(fields: Fields, policy?: string): string[] {
  const wanted = policy === undefined ? basic : [...basic, 'Content-Security-Policy', policy];
  const added = [...fields];
  for (let i = 0; i + 1 < wanted.length; i += 2) {
    const name = wanted[i] ?? '';
    if (!has(fields, name.toLowerCase())) added.push(name, wanted[i + 1] ?? '');
  }
  return added;
}

/** Is this a document that a browser would run? */
export function isHtml(fields: Fields): boolean {
  return isHtmlType(field(fields, 'content-type'));
}

/** As `isHtml`, for a media type. */
export function isHtmlType(type: string | undefined): boolean {
  return type !== undefined && /^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i.test(type);
}
