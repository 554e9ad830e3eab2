/** A command line that stands in a variable, parted into words as a shell parts it: quotes, backslashes, nothing else. Pure. */

const word = /(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+/gs;
const piece = /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^"'\\]+)/gs;

/** `-w 2 --env 'A=b c'` → its words. @throws Error where a quote is not closed */
export function wordsOf(text: string): string[] {
  if (text.replace(word, '').trim() !== '')
    throw new Error(`${JSON.stringify(text)}: a quote or a backslash has nothing behind it`);
  return Array.from(text.matchAll(word), ([found]) => found.replace(piece, unquoted));
}

function unquoted(...[, double, single, escaped, plain]: (string | undefined)[]): string {
  // Between double quotes a backslash is only one before a quote, or before another.
  return double?.replace(/\\(["\\])/gs, '$1') ?? single ?? escaped ?? plain ?? '';
}
