/** Longer texts than this are not remembered; characters. */
const LONGEST_TEXT = 512;

/**
 * The same pure function, which remembers its answers to the last few texts: what clients say of themselves is long to
 * read and has few values. It keeps `most` texts at the most, short ones of latin-1 alone, and forgets all when one more
 * comes.
 */
export function remembered<T>(answer: (text: string) => T, most: number): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    // A copy: what was cut from a request's head would keep the whole head in memory.
    const own = Buffer.from(text, 'latin1').toString('latin1');
    if (own !== text || own.length > LONGEST_TEXT) return answer(text);
    const found = answer(own);
    if (known.size >= most) known.clear();
    known.set(own, found);
    return found;
  };
}
