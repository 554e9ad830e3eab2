/** Tags, whose attribute values hold neither < nor &; or one character between tags. */
const token =
  /<(\/?)([a-z]+)(?:\s+[a-zA-Z0-9:-]+="(?:[^"<&]|&(?:amp|lt|gt|quot);)*")*\s*(\/?)>|&(?:amp|lt|gt|quot);|[^<&]/gy;

/** What is wrong with a small XML document: tags that do not match, text that is not escaped. Undefined: nothing. */
export function malformed(xml: string): string | undefined {
  const open: string[] = [];
  let end = 0;
  for (const found of xml.matchAll(token)) {
    end = found.index + found[0].length;
    const wrong = take(found, open);
    if (wrong !== undefined) return wrong;
  }
  if (end !== xml.length) return `not XML: ${xml.slice(end, end + 60)}`;
  return open.length > 0 ? `${open.join(', ')} not closed` : undefined;
}

function take([words, closing, name, empty]: RegExpMatchArray, open: string[]): string | undefined {
  if (name === undefined) return open.length === 0 && words?.trim() ? `text outside of the root: ${words}` : undefined;
  if (!closing) {
    if (!empty) open.push(name);
    return undefined;
  }
  const expected = open.pop();
  return expected === name ? undefined : `</${name}> closes ${expected}`;
}
