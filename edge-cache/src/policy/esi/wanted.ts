import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { parameters, splitList, unquote } from '@trivet/kit/semantics/list.ts';
import { SURROGATE_NAME } from '../targeted.ts';

/**
 * Is the ESI markup of a response to be processed? The policy's word counts before the response's own. Of any final status,
 * error pages too (as `do_esi` in Varnish), but a part of a body has parts of tags.
 */
export function isEsi({ status, fields }: { status: number; fields: Fields }, advised: boolean | undefined): boolean {
  return !bodiless.has(status) && (advised ?? asksForEsi(fields));
}

// 206 has a part of a body.
const bodiless = new Set([204, 205, 206, 304]);

/**
 * Does a response ask this cache to process its ESI markup? `Surrogate-Control: content="ESI/1.0"` (Edge Architecture 1.0
 * §2.1), aimed at nobody in particular or at us.
 */
function asksForEsi(fields: Fields): boolean {
  const value = field(fields, 'surrogate-control');
  return value !== undefined && splitList(value).some(isEsiContent);
}

function isEsiContent(member: string): boolean {
  const { value: directive, parameters: targets } = parameters(member);
  const equals = directive.indexOf('=');
  if (directive.slice(0, Math.max(0, equals)).trim().toLowerCase() !== 'content') return false;
  if (targets.size > 0 && !targets.has(SURROGATE_NAME)) return false;
  return unquote(directive.slice(equals + 1).trim())
    .split(/\s+/)
    .some((capability) => capability.toUpperCase() === 'ESI/1.0');
}
