/** Ban expressions as words: separated by white space, as Varnish's are; a quoted one may hold spaces. */

export type Word = { readonly text: string; readonly isQuoted: boolean; readonly at: number };

/** What is wrong, and where it begins. */
export type Wrong = { readonly why: string; readonly at: number };

// A quoted word, its end where it has one; or what stands between spaces.
const word = /"(?:\\.|[^"\\\n])*("?)|[^ \t\r\n]+/g;
const oddCharacter = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * The words of an expression. Inside quotes a backslash hides a quote from being the end, and stays where it is before
 * anything else, so that patterns need no doubling.
 */
export function words(text: string): readonly Word[] | Wrong {
  const found: Word[] = [];
  for (const match of text.matchAll(word)) {
    const [raw, closing] = match;
    const wrong = wrongIn(text, { raw, closing, at: match.index });
    if (wrong !== undefined) return wrong;
    const isQuoted = closing !== undefined;
    found.push({ text: isQuoted ? unquoted(raw) : raw, isQuoted, at: match.index });
  }
  return found;
}

type Found = { readonly raw: string; readonly closing: string | undefined; readonly at: number };

function wrongIn(text: string, { raw, closing, at }: Found): Wrong | undefined {
  if (closing === '') return { why: 'the quotes that open here are not closed', at };
  const odd = oddCharacter.exec(raw);
  if (odd !== null) return { why: 'no URL and no field has this character', at: at + odd.index };
  const end = at + raw.length;
  const isApart = closing === undefined || end === text.length || /\s/.test(text[end] ?? '');
  return isApart ? undefined : { why: 'expected a space behind the quotes', at: end };
}

/** How a value is written in an expression; read again, it is the same value. */
export function written(value: string): string {
  const isBare = value !== '' && value !== '&&' && value[0] !== '"' && !/\s/.test(value);
  if (isBare) return value;
  // A backslash and what follows it were read as a pair, so they are written as one.
  return `"${value.replace(/\\.|"/g, (found) => (found === '"' ? '\\"' : found))}"`;
}

/** Where in the expression the character of a word stands. */
export function positionIn({ text, isQuoted, at }: Word, offset: number): number {
  const hidden = isQuoted ? text.slice(0, offset).split('"').length : 0;
  return at + offset + hidden;
}

function unquoted(raw: string): string {
  return raw.slice(1, -1).replace(/\\./g, (pair) => (pair === '\\"' ? '"' : pair));
}
