/** Which characters may stand where in a plain request head, and which fields make one not plain. */

function table(allowed: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => Number(allowed(code)));
}

const tokens = table((code) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code)));
// The '#' of a fragment, and whatever two hops escape differently, is not plain.
const targets = table((code) => code > 0x20 && code < 0x7f && !'#"<>\\^`{|}'.includes(String.fromCharCode(code)));
// Tabs and obs-text are allowed by RFC 9110 §5.5, and left to the slow lane.
const values = table((code) => code >= 0x20 && code < 0x7f);

/** RFC 9110 §5.6.2. NaN, which is the end of the text, is none. */
export function isTokenCode(code: number): boolean {
  return tokens[code] === 1;
}

export function isTargetCode(code: number): boolean {
  return targets[code] === 1;
}

export function isValueCode(code: number): boolean {
  return values[code] === 1;
}

export type FieldKind = 'host' | 'connection' | 'not-plain' | 'any';

// Framing, expectations and upgrades; ranges, which are cut from bodies; what names other fields.
const special = new Map<string, FieldKind>([
  ['host', 'host'],
  ['connection', 'connection'],
  ['content-length', 'not-plain'],
  ['transfer-encoding', 'not-plain'],
  ['trailer', 'not-plain'],
  ['upgrade', 'not-plain'],
  ['http2-settings', 'not-plain'],
  ['expect', 'not-plain'],
  ['range', 'not-plain'],
  ['if-range', 'not-plain'],
  ['proxy-connection', 'not-plain'],
  ['max-forwards', 'not-plain'],
]);

// Most names are told from all of these by their length and first letter alone.
const candidates = new Set([...special.keys()].map((name) => candidate(name.length, name.charCodeAt(0))));

function candidate(length: number, first: number): number {
  return length * 32 + (first & 0x1f);
}

/** What a field of this name (in any case) means for a head's being plain. */
export function fieldKind(name: string): FieldKind {
  if (!candidates.has(candidate(name.length, name.charCodeAt(0)))) return 'any';
  return special.get(name.toLowerCase()) ?? 'any';
}
