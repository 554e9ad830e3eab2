/**
 * The patterns of bans. They are run over URLs that anybody may have made up, so none may take long: what backtracking
 * could take long for is run without it.
 */
import { Mistake } from './pattern-cursor.ts';
import { PatternMachine } from './pattern-machine.ts';
import { type Node, parsePattern } from './pattern-parser.ts';
import { type CharacterSet, OTHERS } from './pattern-sets.ts';

/** A pattern that is looked for anywhere in a text. */
export type Pattern = { test(text: string): boolean };

export type PatternReading =
  | { readonly verdict: 'pattern'; readonly pattern: Pattern }
  | { readonly verdict: 'bad'; readonly why: string; readonly at: number };

/** So many ways through a pattern may be tried at each character, one after the other. */
const MOST_WAYS = 1000;

/** Reads a pattern and makes it ready; `at` counts from 0. */
export function readPattern(source: string, ignoresCase: boolean): PatternReading {
  try {
    const node = parsePattern(source, ignoresCase);
    const pattern = isSwift(node) ? new RegExp(rewritten(node)) : PatternMachine.of(node);
    if (pattern !== undefined) return { verdict: 'pattern', pattern };
    const why = hasLook(node)
      ? 'look-around and references are for patterns with no repetition but one, of one character, behind ^'
      : 'the pattern is too large with its repetitions written out';
    return { verdict: 'bad', why, at: 0 };
  } catch (error) {
    if (error instanceof Mistake) return { verdict: 'bad', why: error.message, at: error.at };
    throw error;
  }
}

/** Is the time it takes proportional to the length of the text, also for an engine that tries one way after the other? */
function isSwift(node: Node): boolean {
  const endless = endlessRepetitions(node);
  return ways(node) <= MOST_WAYS && (endless === 0 || (endless === 1 && isAnchored(node)));
}

/** In how many ways a text can match at one place, endless repetitions of one character counted as one. */
function ways(node: Node): number {
  switch (node.is) {
    case 'sequence':
      return node.parts.reduce((product, part) => product * ways(part), 1);
    case 'choice':
      return node.parts.reduce((sum, part) => sum + ways(part), 0);
    case 'repeat':
      return waysToRepeat(node);
    case 'group':
    case 'look':
      return ways(node.part);
    default:
      return 1;
  }
}

function waysToRepeat({ part, least, most }: Extract<Node, { is: 'repeat' }>): number {
  if (most === Number.POSITIVE_INFINITY) return part.is === 'set' ? 1 : Number.POSITIVE_INFINITY;
  const each = ways(part);
  return each === 1 ? most - least + 1 : (most - least + 1) * each ** most;
}

function endlessRepetitions(node: Node): number {
  switch (node.is) {
    case 'sequence':
    case 'choice':
      return node.parts.reduce((sum, part) => sum + endlessRepetitions(part), 0);
    case 'repeat':
      return node.most === Number.POSITIVE_INFINITY ? 1 : node.most * endlessRepetitions(node.part);
    case 'group':
    case 'look':
      return endlessRepetitions(node.part);
    default:
      return 0;
  }
}

function isAnchored(node: Node): boolean {
  return node.is === 'start' || (node.is === 'sequence' && node.parts[0]?.is === 'start');
}

function hasLook(node: Node): boolean {
  switch (node.is) {
    case 'sequence':
    case 'choice':
      return node.parts.some(hasLook);
    case 'repeat':
    case 'group':
      return hasLook(node.part);
    default:
      return node.is === 'look' || node.is === 'reference';
  }
}

/** The pattern in the words of JavaScript, where it means the same. */
function rewritten(node: Node): string {
  switch (node.is) {
    case 'set':
      return brackets(node.set);
    case 'sequence':
      return node.parts.map(rewritten).join('');
    case 'choice':
      return `(?:${node.parts.map(rewritten).join('|')})`;
    case 'repeat':
      return `(?:${rewritten(node.part)}){${node.least},${Number.isFinite(node.most) ? node.most : ''}}`;
    case 'group':
      return `(${rewritten(node.part)})`;
    case 'look':
      return `(?${node.sign}${rewritten(node.part)})`;
    case 'reference':
      return `(?:\\${node.to})`;
    case 'start':
      return '^';
    case 'end':
      return '$';
    case 'boundary':
      return '\\b';
    case 'no-boundary':
      return '\\B';
  }
}

function brackets(set: CharacterSet): string {
  const parts: string[] = [];
  for (let from = set.indexOf(1); from >= 0 && from < OTHERS; ) {
    const end = endOfRun(set, from);
    parts.push(end === from + 1 ? hex(from) : `${hex(from)}-${hex(end - 1)}`);
    from = set.indexOf(1, end);
  }
  const [first] = parts;
  if (set[OTHERS] === 1) parts.push('\\u0100-\\uffff');
  return parts.length === 1 && first?.length === 4 ? first : `[${parts.join('')}]`;
}

function endOfRun(set: CharacterSet, from: number): number {
  const gap = set.indexOf(0, from);
  return gap < 0 ? OTHERS : Math.min(gap, OTHERS);
}

function hex(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`;
}
