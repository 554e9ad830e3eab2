import { type Fields, without } from '@trivet/kit/semantics/fields.ts';
import type { Edit } from './define-policy.ts';

/** Fields after a policy's changes: first it removes, then it sets. */
export function applied({ set = {}, remove = [] }: Edit, fields: Fields): string[] {
  const gone = new Set([...remove, ...Object.keys(set)].map((name) => name.toLowerCase()));
  return [...without(fields, (name) => gone.has(name)), ...Object.entries(set).flat()];
}
