import { type Fields, field } from '@trivet/kit/semantics/fields.ts';
import { parameters, splitList } from '@trivet/kit/semantics/list.ts';
import { dictionary, type Member } from './dictionary.ts';
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

const takesSeconds = new Set(['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error']);
// 60.0 is read as the number 60, but is no Integer.
const decimalSeconds = /(?:max-age|s-maxage|stale-while-revalidate|stale-if-error)=\d+\./;
const quoted = /"(?:[^"\\]|\\.)*"/g;

// A field that is no Dictionary, or gives a time that is no Integer, is as if it were not there (RFC 9213 §2.1).
function cdnDirectives(value: string | undefined): Directives | undefined {
  if (value === undefined) return undefined;
  const members = [...(dictionary(value) ?? [])];
  const isWrong = members.some(([name, [item]]) => takesSeconds.has(name) && !isSeconds(item));
  if (members.length === 0 || isWrong || decimalSeconds.test(value.replace(quoted, ''))) return undefined;
  // Parameters mean nothing here (RFC 9213 §2.1).
  const given = members.filter(([, [item]]) => item !== false);
  return parseDirectives(given.map(([name, [item]]) => plainDirective(name, item)));
}

function isSeconds(item: Member[0]): boolean {
  return typeof item === 'number' && Number.isInteger(item) && item >= 0;
}

// What is of a type that no directive takes is an argument that nobody understands: then the name restricts all the same.
function plainDirective(name: string, item: Member[0]): string {
  if (item === true) return name;
  if (typeof item === 'string') return `${name}="${item.replace(/["\\]/g, '\\$&')}"`;
  return `${name}=${typeof item === 'number' ? item : '?'}`;
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
