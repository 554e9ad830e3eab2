/**
 * The one parser of comma lists and semicolon parameters (RFC 9110 §5.6.1, §5.6.6). It knows quoted strings, so a comma in
 * `private="a, b"` splits nothing. A quote that is never closed is an ordinary character: a stray one must not swallow the
 * `no-store` behind it.
 */

/** The members of a list, trimmed, empty ones dropped. RFC 9110 §5.6.1.2. */
export function splitList(value: string): string[] {
  return splitOutsideQuotes(value, ',').filter((member) => member !== '');
}

/** A member's value and its parameters: names in lower case, quotes removed, the first of two alike wins. RFC 9110 §5.6.6. */
export function parameters(member: string): { value: string; parameters: Map<string, string> } {
  const [value = '', ...rest] = splitOutsideQuotes(member, ';');
  const found = new Map<string, string>();
  for (const parameter of rest) {
    const equals = parameter.indexOf('=');
    const name = trimSpace(equals < 0 ? parameter : parameter.slice(0, equals)).toLowerCase();
    if (name === '' || found.has(name)) continue;
    found.set(name, equals < 0 ? '' : unquote(trimSpace(parameter.slice(equals + 1))));
  }
  return { value, parameters: found };
}

/** The text of a quoted-string; anything else comes back as it is. RFC 9110 §5.6.4. */
export function unquote(text: string): string {
  if (text[0] !== '"' || closingQuote(text, 0) !== text.length - 1) return text;
  const inner = text.slice(1, -1);
  return inner.includes('\\') ? inner.replace(/\\([\s\S])/g, '$1') : inner;
}

/** Is the text a token? RFC 9110 §5.6.2. */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);
}

/** Without the spaces and tabs around it, and nothing else: `String.trim` also takes the 0xA0 of obs-text. RFC 9110 §5.6.3. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let start = 0;
  // Once a quote has no end, no later one is looked for: the scan stays linear however many quotes an attacker sends.
  let quotesClose = true;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === separator) {
      parts.push(trimSpace(text.slice(start, i)));
      start = i + 1;
    } else if (text[i] === '"' && quotesClose) {
      const end = closingQuote(text, i);
      if (end < 0) quotesClose = false;
      else i = end;
    }
  }
  parts.push(trimSpace(text.slice(start)));
  return parts;
}

function closingQuote(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    if (text[i] === '"') return i;
    if (text[i] === '\\') i++;
  }
  return -1;
}
