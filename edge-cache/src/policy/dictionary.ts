import { type InnerList, type Item, parseDictionary } from 'structured-headers';

/** What a key of a Dictionary stands for: an item or an inner list, with its parameters. */
export type Member = Item | InnerList;

/** The members of a Dictionary, of two alike the last; undefined when the text is none. RFC 9651 §3.2. Never throws. */
export function dictionary(value: string): Map<string, Member> | undefined {
  try {
    return parseDictionary(value);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
