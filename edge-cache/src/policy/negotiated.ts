/**
 * A stored variant that was not made for this very request, but than which no other could be more welcome: where a
 * response varies with Accept-Encoding or Accept-Language, what it turned out to be (Content-Encoding, Content-Language)
 * says more than the text of the request that it was selected by. RFC 9111 §4.1, RFC 9110 §12.1.
 */
import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { isMostWelcomeCoding, isMostWelcomeLanguage } from '@trivet/kit/semantics/negotiate.ts';
import { variantOf } from './vary.ts';

/** What a stored response turned out to be; undefined where it says nothing. */
export type Content = { readonly coding: string | undefined; readonly language: string | undefined };

/** What the fields of a response say of it. */
export function contentOf(fields: Fields): Content {
  return { coding: field(fields, 'content-encoding'), language: field(fields, 'content-language') };
}

const negotiable = new Set(['accept-encoding', 'accept-language']);

/** Does a response vary with what can be judged by its content? */
export function isNegotiable(vary: readonly string[]): boolean {
  return vary.some((name) => negotiable.has(name));
}

/** Is a variant, selected by the fields `vary` of another request, as good for this request as one can be? */
export function suits(
  { vary, variant }: { readonly vary: readonly string[]; readonly variant: string },
  request: Fields,
  { coding, language }: Content,
): boolean {
  const stored = variant.split('\n');
  return vary.every((name, at) => {
    if (`${stored[at]}\n` === variantOf([name], request)) return true;
    if (name === 'accept-encoding') return isMostWelcomeCoding(field(request, name), coding);
    return (
      name === 'accept-language' && language !== undefined && isMostWelcomeLanguage(field(request, name), language)
    );
  });
}
