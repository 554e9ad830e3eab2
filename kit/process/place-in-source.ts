/**
 * Where in a file of the user something stands: `routes[2].headers` is on line 14. The file is read as text, not run: what
 * it computes instead of writing it down is not found, and the nearest thing that is written down stands for it. Pure.
 */

/** `['routes', 2, 'headers']` */
export type Place = readonly (string | number)[];

/** `sign`: a bracket, a comma; empty for names and for what strings say. */
type Token = { readonly text: string; readonly sign: string; readonly line: number };

/** The place that a problem begins with, as far as it is one. */
export function placeOf(problem: string): Place {
  const path = /^[\w$-]+(?:\[\d+\]|\.[\w$-]+)*(?=[: ])/.exec(problem)?.[0] ?? '';
  const place = [...path.matchAll(/\[(\d+)\]|[\w$-]+/g)].map(([name, at]) => (at === undefined ? name : Number(at)));
  const unknown = /there is no "([\w$-]+)"/.exec(problem)?.[1];
  if (unknown === undefined) return place;
  return path === 'the' ? [unknown] : [...place, unknown];
}

/** The line, from 1 on; undefined when not even the first name stands there. */
export function lineIn(source: string, place: Place): number | undefined {
  const tokens = tokensOf(source);
  const [first, ...rest] = place;
  let at = tokens.findIndex(({ text }, i) => text === String(first) && /[:=]/.test(tokens[i + 1]?.sign ?? ''));
  if (at < 0) at = tokens.findIndex(({ text }) => text === String(first));
  let line = tokens[at]?.line;
  at += 2;
  for (const name of rest) {
    const found = typeof name === 'number' ? itemAt(tokens, at, name) : memberAt(tokens, at, name);
    if (found === undefined) break;
    line = tokens[found.at]?.line ?? line;
    at = found.value;
  }
  return line;
}

type Found = { readonly at: number; readonly value: number };

function itemAt(tokens: readonly Token[], open: number, index: number): Found | undefined {
  const at = tokens[open]?.sign === '[' ? partsAt(tokens, open)[index] : undefined;
  return at === undefined ? undefined : { at, value: at };
}

function memberAt(tokens: readonly Token[], open: number, name: string): Found | undefined {
  if (tokens[open]?.sign !== '{') return undefined;
  const at = partsAt(tokens, open).find((part) => tokens[part]?.text === name);
  return at === undefined ? undefined : { at, value: at + 2 };
}

/** Where the parts begin that commas divide, inside the bracket at `open`. */
function partsAt(tokens: readonly Token[], open: number): number[] {
  const parts = [open + 1];
  let depth = 1;
  for (let at = open + 1; at < tokens.length && depth > 0; at++) {
    const sign = tokens[at]?.sign ?? '';
    if (/[[({]/.test(sign)) depth++;
    if (/[\])}]/.test(sign)) depth--;
    if (sign === ',' && depth === 1) parts.push(at + 1);
  }
  return parts;
}

// Comments and blanks first, so that they are no tokens; a slash begins a regular expression where a value may stand.
const lexeme =
  /(?<skip>\s+|\/\/.*|\/\*[\s\S]*?\*\/)|(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`)|(?<regexp>(?<=[[(,=:?|&!]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/\w*)|(?<word>[\w$]+)|(?<sign>[\s\S])/gu;

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (const { 0: text, groups } of source.matchAll(lexeme)) {
    const said = groups?.string === undefined ? text : text.slice(1, -1);
    if (groups?.skip === undefined) tokens.push({ text: said, sign: groups?.sign ?? '', line });
    line += text.split('\n').length - 1;
  }
  return tokens;
}
