import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { parameters, splitList } from '@trivet/kit/semantics/list.ts';
import { type Directives, directivesOf, parseDirectives } from './directives.ts';

/**
 * Which field speaks to this cache: CDN-Cache-Control (RFC 9213) over Surrogate-Control (W3C Edge Architecture) over
 * Cache-Control. A targeted field that speaks silences the others altogether, Expires and Pragma too.
 */
export type Orders = {
  readonly from: 'cdn-cache-control' | 'surrogate-control' | 'cache-control';
  readonly directives: Directives;
};

/** The name under which this cache announces itself in `Surrogate-Capability` and is aimed at in `Surrogate-Control`. */
export const SURROGATE_NAME = 'edge-cache';

/** What a response orders of this cache, RFC 9213 §2.2. */
export function ordersOf(fields: Fields): Orders {
  const cdn = cdnDirectives(field(fields, 'cdn-cache-control'));
  if (cdn !== undefined) return { from: 'cdn-cache-control', directives: cdn };
  const surrogate = surrogateDirectives(field(fields, 'surrogate-control'));
  if (surrogate !== undefined) return { from: 'surrogate-control', directives: surrogate };
  return { from: 'cache-control', directives: directivesOf(fields) };
}

const key = '[a-z*][a-z0-9_.*-]*';
const bareItem =
  '(?:-?\\d{1,15}(?:\\.\\d{1,3})?|"(?:[ !#-\\[\\]-~]|\\\\["\\\\])*"|[A-Za-z*][!#$%&\'*+.^_`|~0-9A-Za-z:/-]*|:[A-Za-z0-9+/=]*:|\\?[01])';
const tail = `(?:; *${key}(?:=${bareItem})?)*`;
const dictionaryMember = new RegExp(`^(?<key>${key})(?:=(?<value>${bareItem}))?(?<tail>${tail})$`);
const takesNumber = new Set(['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error']);

// A field that is no Dictionary, or gives a time as anything but an Integer, is as if it were not there (RFC 9213 §2.1).
function cdnDirectives(value: string | undefined): Directives | undefined {
  const members = splitList(value ?? '').map(plainDirective);
  if (members.length === 0 || members.includes(undefined)) return undefined;
  return parseDirectives(members.filter((member) => member !== undefined));
}

function plainDirective(member: string): string | undefined {
  const { key: name, value } = dictionaryMember.exec(member)?.groups ?? {};
  if (name === undefined) return undefined;
  if (takesNumber.has(name) && !/^\d+$/.test(value ?? '')) return undefined;
  // Parameters mean nothing here (RFC 9213 §2.1).
  return value === undefined ? name : `${name}=${value}`;
}

const surrogateSpeaks = /^(?:no-store|max-age)$/i;

// `content="ESI/1.0"` alone orders nothing of the lifetime; a directive aimed at another device is not for us.
function surrogateDirectives(value: string | undefined): Directives | undefined {
  const own: string[] = [];
  for (const member of value === undefined ? [] : splitList(value)) {
    const { value: directive, parameters: targets } = parameters(member);
    if (targets.size > 0 && !targets.has(SURROGATE_NAME)) continue;
    // `max-age=600+60`: 60 seconds more while it is being validated; the lifetime is what stands before the sign.
    own.push(directive.replace(/^(max-age=\d+)\+(\d+)$/i, '$1, stale-while-revalidate=$2'));
  }
  const members = own.flatMap(splitList);
  const speaks = members.some((member) => surrogateSpeaks.test(member.split('=', 1)[0] ?? ''));
  return speaks ? parseDirectives(members) : undefined;
}
