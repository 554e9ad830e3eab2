/**
 * Header fields as a flat list — name, value, name, value — because node:http and undici both have them so (`rawHeaders`):
 * order, case and repeated lines survive, and nothing is built per request. Names are compared without case
 * (RFC 9110 §5.1); whoever asks gives the name in lower case.
 */
export type Fields = readonly string[];

/** The value of a field, all its lines joined with ', '; undefined when there is none. RFC 9110 §5.3. */
export function field(fields: Fields, name: string): string | undefined {
  let value: string | undefined;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    if (!named(fields[i], name)) continue;
    value = value === undefined ? fields[i + 1] : `${value}, ${fields[i + 1]}`;
  }
  return value;
}

/** The value of each line of a field, in order. RFC 9110 §5.2. */
export function lines(fields: Fields, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    if (named(fields[i], name)) values.push(fields[i + 1] ?? '');
  }
  return values;
}

/** Is there a line of that name? */
export function has(fields: Fields, name: string): boolean {
  for (let i = 0; i + 1 < fields.length; i += 2) {
    if (named(fields[i], name)) return true;
  }
  return false;
}

/** A copy without the lines whose name, in lower case, `drop` picks. */
export function without(fields: Fields, drop: (lowerName: string) => boolean): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] ?? '';
    if (!drop(name.toLowerCase())) kept.push(name, fields[i + 1] ?? '');
  }
  return kept;
}

/** A copy in which one line, at the end, stands for every line of that name. */
export function withField(fields: Fields, name: string, value: string): string[] {
  const lowerName = name.toLowerCase();
  const kept = without(fields, (other) => other === lowerName);
  kept.push(name, value);
  return kept;
}

/** The lines as pairs, names as received. */
export function* entries(fields: Fields): Generator<readonly [name: string, value: string]> {
  for (let i = 0; i + 1 < fields.length; i += 2) yield [fields[i] ?? '', fields[i + 1] ?? ''];
}

function named(received: string | undefined, lowerName: string): boolean {
  return received !== undefined && isNamed(received, lowerName);
}

// Runs once per line for every question asked of a message. Character codes instead of toLowerCase: most names differ in
// length or in the first letter, and those that do not must not cost a string each.
/** Is this the name, given in lower case? RFC 9110 §5.1. */
export function isNamed(received: string, lowerName: string): boolean {
  if (received.length !== lowerName.length) return false;
  if (received === lowerName) return true;
  for (let i = 0; i < received.length; i++) {
    const code = received.charCodeAt(i);
    const lowerCode = code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
    if (lowerCode !== lowerName.charCodeAt(i)) return false;
  }
  return true;
}
