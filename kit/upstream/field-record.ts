import { entries, type Fields } from '../semantics/fields.ts';

/**
 * Fields as `node:http` and http-proxy want them: one key per name, several lines as an array. Keys are spelled as
 * received, or in lower case for those who look names up.
 */
export function fieldRecord(
  fields: Fields,
  spelling: 'as received' | 'lower case' = 'as received',
): Record<string, string | string[]> {
  // Without a prototype: a field may be called __proto__.
  const record: Record<string, string | string[]> = Object.create(null);
  const keys = new Map<string, string>();
  for (const [name, value] of entries(fields)) {
    const lowerName = name.toLowerCase();
    const key = keys.get(lowerName) ?? (spelling === 'lower case' ? lowerName : name);
    keys.set(lowerName, key);
    const before = record[key];
    record[key] = before === undefined ? value : [before, value].flat();
  }
  return record;
}
