import { parameters, splitList } from './list.ts';

/** How welcome a content coding is, 0 to 1. A client that sent no field, or an empty one, gets identity alone. RFC 9110 §12.5.3. */
export function acceptsCoding(acceptEncoding: string | undefined, coding: string): number {
  return weightOf(codings(acceptEncoding), canonical(coding));
}

/** The most welcome of the codings at hand, the earlier of two alike; undefined is identity. RFC 9110 §12.5.3. */
export function bestCoding(acceptEncoding: string | undefined, available: readonly string[]): string | undefined {
  if (acceptEncoding === undefined || available.length === 0) return undefined;
  const asked = codings(acceptEncoding);
  const identity = asked.get('identity') ?? 0;
  let best: string | undefined;
  let bestWeight = 0;
  for (const coding of available) {
    const weight = weightOf(asked, canonical(coding));
    if (weight <= bestWeight || weight < identity) continue;
    best = coding;
    bestWeight = weight;
  }
  return best;
}

/**
 * Could no other coding be more welcome to the client than this one (undefined: identity)? Then who has it at hand need
 * not ask for another. RFC 9110 §12.5.3.
 */
export function isMostWelcomeCoding(acceptEncoding: string | undefined, coding: string | undefined): boolean {
  const asked = codings(acceptEncoding);
  const name = canonical(coding ?? 'identity');
  // Identity by default is what is left when there is nothing better, not a wish.
  const own = name === 'identity' ? (asked.get('identity') ?? 0) : weightOf(asked, name);
  let others = 0;
  for (const [other, weight] of asked) if (other !== name) others = Math.max(others, weight);
  if (name === 'identity') return weightOf(asked, name) > 0 && (others === 0 || own > others);
  return own > 0 && own >= others;
}

/** Could no other language be more welcome than this one? A range covers the tags that begin with it, RFC 4647 §3.3.1. */
export function isMostWelcomeLanguage(acceptLanguage: string | undefined, language: string): boolean {
  const tag = language.toLowerCase();
  let own = 0;
  let longest = 0;
  let most = 0;
  for (const { range, weight } of weighted(acceptLanguage ?? '')) {
    most = Math.max(most, weight);
    const isCovered = tag === range || tag.startsWith(`${range}-`);
    if (!isCovered || range.length <= longest) continue;
    own = weight;
    longest = range.length;
  }
  return own > 0 && own === most;
}

/** The most welcome of the media types on offer, the earlier of two alike; the first when none is. RFC 9110 §12.5.1. */
export function prefers(accept: string | undefined, offered: readonly string[]): string {
  const ranges = accept === undefined ? [] : weighted(accept);
  let best = offered[0] ?? '';
  let bestWeight = 0;
  for (const type of offered) {
    const weight = weightOfType(ranges, type);
    if (weight <= bestWeight) continue;
    best = type;
    bestWeight = weight;
  }
  return best;
}

type MediaRange = { readonly range: string; readonly parameters: Map<string, string>; readonly weight: number };

function codings(acceptEncoding: string | undefined): Map<string, number> {
  const asked = new Map<string, number>();
  for (const { range, weight } of weighted(acceptEncoding ?? '')) {
    const coding = canonical(range);
    if (!asked.has(coding)) asked.set(coding, weight);
  }
  return asked;
}

function weightOf(asked: Map<string, number>, coding: string): number {
  return asked.get(coding) ?? asked.get('*') ?? (coding === 'identity' ? 1 : 0);
}

// RFC 9110 §8.4.1: the x- names are the same codings.
function canonical(coding: string): string {
  const name = coding.toLowerCase();
  return name === 'x-gzip' || name === 'x-compress' ? name.slice(2) : name;
}

function weightOfType(ranges: readonly MediaRange[], type: string): number {
  const offer = parameters(type.toLowerCase());
  let weight = 0;
  let bestPrecision = -1;
  for (const range of ranges) {
    const precision = precisionOf(range, offer);
    if (precision <= bestPrecision) continue;
    weight = range.weight;
    bestPrecision = precision;
  }
  return weight;
}

// -1 when the range does not cover the type; else the more it says, the more it counts (RFC 9110 §12.5.1).
function precisionOf(asked: MediaRange, offer: { value: string; parameters: Map<string, string> }): number {
  for (const [name, value] of asked.parameters) {
    if (offer.parameters.get(name) !== value) return -1;
  }
  if (asked.range === '*/*') return 0;
  if (asked.range === offer.value) return 2 + asked.parameters.size;
  return asked.range === `${offer.value.slice(0, offer.value.indexOf('/'))}/*` ? 1 : -1;
}

// Members with a weight that is none are dropped: what they meant is anyone's guess.
function weighted(list: string): MediaRange[] {
  const members: MediaRange[] = [];
  for (const member of splitList(list.toLowerCase())) {
    const { value, parameters: found } = parameters(member);
    const weight = qvalue(found.get('q') ?? '1');
    if (weight === undefined) continue;
    found.delete('q');
    members.push({ range: value, parameters: found, weight });
  }
  return members;
}

function qvalue(text: string): number | undefined {
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : undefined;
}
