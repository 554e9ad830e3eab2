import { field } from '@trivet/kit/semantics/fields.ts';
import type { BanObject } from '../policy/ban-match.ts';
import { type Draft, placeOf } from '../store/store.ts';
import { storedFields } from './head-fields.ts';

/** A stored response as bans see it; its fields are unpacked when the first of them is asked for. */
export function banSubject(entry: Draft): BanObject {
  let fields: string[] | undefined;
  return {
    ...placeOf(entry),
    head: {
      status: entry.status,
      life: entry.life,
      field(name) {
        fields ??= storedFields(entry);
        return field(fields, name);
      },
    },
  };
}
