import { type Fields, field, lines } from '@trivet/kit/semantics/fields.ts';
import { parameters, splitList, trimSpace } from '@trivet/kit/semantics/list.ts';
import { remembered } from '@trivet/kit/semantics/remembered.ts';

/**
 * The secondary key (RFC 9111 §4.1): which request fields select a variant, and the one text that equivalent values of
 * them have in common.
 */
export type Selecting = '*' | readonly string[];

/** The fields a response was selected by: in lower case, sorted, each once; `*` matches no request. RFC 9110 §12.5.5. */
export function selecting(fields: Fields): Selecting {
  const names = new Set<string>();
  for (const line of lines(fields, 'vary')) {
    for (const name of splitList(line)) {
      if (name === '*') return '*';
      names.add(name.toLowerCase());
    }
  }
  return [...names].sort();
}

/** What a request says in the selecting fields; two requests with the same text get the same variant. */
export function variantOf(names: readonly string[], request: Fields): string {
  let variant = '';
  for (const name of names) {
    const value = field(request, name);
    // A field that is absent is not one that is empty.
    variant += value === undefined ? `${name}\n` : `${name}:${normalise(name, value)}\n`;
  }
  return variant;
}

const weightedLists = new Set(['accept-encoding', 'accept-language']);
// Prose, or lists with separators of their own, in which a comma may mean anything.
const verbatim = new Set(['user-agent', 'cookie', 'authorization', 'referer']);

/** Most values of weighted lists whose meaning is remembered. */
const MOST_REMEMBERED = 1000;

function normalise(name: string, value: string): string {
  if (weightedLists.has(name)) return canonicalWeights(value);
  if (verbatim.has(name)) return trimSpace(value);
  // Space around commas and empty members say nothing (RFC 9110 §5.6.1).
  return splitList(value).join(',');
}

// Order, case and spaces mean nothing in a list of weighted names (RFC 9110 §12.5.3, §12.5.4), and a weight of 1 is none.
const canonicalWeights = remembered((value: string): string => {
  const members = splitList(value.toLowerCase()).map((member) => {
    const { value: range, parameters: found } = parameters(member);
    const name = range.replace(/^x-(?=(?:gzip|compress)$)/, '');
    const weight = Number(found.get('q') ?? '1');
    return weight === 1 ? name : `${name};q=${weight}`;
  });
  return members.sort().join(',');
}, MOST_REMEMBERED);
