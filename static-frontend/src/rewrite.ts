/**
 * The path that a request is answered for, where the site reads it as another one: pure. What a rewrite makes is read as if
 * a client had sent it, so that no rewrite leads around what paths are refused or withheld for.
 */

import { askedPath, type RoutedPath } from '@trivet/kit/files/asked-path.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { encodePath, normalizePath } from '@trivet/kit/semantics/path.ts';
import { matches } from './route.ts';
import type { Rewrite } from './site/route-options.ts';
import { spellingOf } from './spelling.ts';

/** `target` is what an upstream is asked for: path and query, byte for byte where no rewrite touched them. */
export type Rewritten =
  | { readonly verdict: 'asked'; readonly asked: RoutedPath; readonly target: string }
  /** They do not come to an end: nginx's "rewrite or internal redirection cycle". */
  | { readonly verdict: 'loop'; readonly why: string };

/** As nginx has it. */
const mostTimes = 10;

/** A pattern can double what it matches, ten times over. */
const longestTarget = 64 * 1024;

/**
 * The first rewrite that matches is carried out, and all are asked again about what it made, until none matches or one was
 * the `last`. @throws Fault `bad-path` or `target-too-long` where that is nothing that may be asked for.
 */
export function rewritten(rewrites: readonly Rewrite[] | undefined, asked: RoutedPath, target: string): Rewritten {
  let now: { readonly asked: RoutedPath; readonly target: string } = { asked, target };
  if (rewrites === undefined) return { verdict: 'asked', ...now };
  for (let times = 0; ; times++) {
    const { path } = now.asked;
    const rewrite = rewrites.find((candidate) => matches(candidate, path));
    if (rewrite === undefined) return { verdict: 'asked', ...now };
    if (times === mostTimes) return { verdict: 'loop', why: `rewritten ${mostTimes} times, at last to ${path}` };
    now = carriedOut(rewrite, now.asked);
    if (rewrite.last === true) return { verdict: 'asked', ...now };
  }
}

function carriedOut(rewrite: Rewrite, asked: RoutedPath): { readonly asked: RoutedPath; readonly target: string } {
  const made = rewrite.path === undefined ? filled(rewrite, asked) : inPlaceOf(rewrite.path, rewrite, asked);
  const target = withArguments(made, asked.query);
  if (target.length > longestTarget) throw new Fault('target-too-long', 'the rewrites of this site make it too long');
  return { asked: askedPath(target), target };
}

// As nginx: the client's arguments follow those of the rewrite; a question mark at the end of the rewrite drops them.
function withArguments(made: string, query: string | undefined): string {
  if (made.endsWith('?')) return made.slice(0, -1);
  if (query === undefined) return made;
  return `${made}${made.includes('?') ? '&' : '?'}${query}`;
}

function inPlaceOf(prefix: string, { to, exact }: Rewrite, asked: RoutedPath): string {
  if (exact === true || asked.rawPath === prefix) return to;
  const at = to.indexOf('?');
  const path = at < 0 ? to : to.slice(0, at);
  const rest = restBehind(prefix.replace(/\/$/, ''), path.replace(/\/$/, ''), asked);
  if (rest === '') return to;
  return path.replace(/\/$/, '') + rest + (at < 0 ? '' : to.slice(at));
}

// What follows the prefix, its slash first. As it was sent, where what was sent begins with the prefix and means the same
// behind another one: behind `/a/../a` it would not.
function restBehind(prefix: string, instead: string, asked: RoutedPath): string {
  const { path, rawPath } = asked;
  if (rawPath.startsWith(prefix)) {
    const rest = rawPath.slice(prefix.length);
    if (isReadAs(instead + rest, instead + encodePath(path.slice(prefix.length)))) return rest;
  }
  return spellingOf(asked)(prefix.length, path.length);
}

function isReadAs(one: string, other: string): boolean {
  const [a, b] = [normalizePath(one), normalizePath(other)];
  return a.verdict === 'path' && b.verdict === 'path' && a.path === b.path;
}

function filled({ to, pattern }: Rewrite, asked: RoutedPath): string {
  const indices = pattern && withIndices(pattern).exec(asked.path)?.indices;
  if (!indices) return to;
  const spelling = spellingOf(asked);
  const at = to.indexOf('?');
  return to.replace(/\$(?:(\d)|<(\w+)>|\$)/g, (text, ...[digit, name, offset]: readonly unknown[]) => {
    if (text === '$$') return '$';
    const range = typeof name === 'string' ? indices.groups?.[name] : indices[Number(digit)];
    if (range === undefined) return '';
    // Among the arguments it is one value, whatever stands in it.
    const isArgument = at >= 0 && Number(offset) > at;
    return isArgument ? encodeURIComponent(asked.path.slice(...range)) : spelling(...range);
  });
}

const compiled = new WeakMap<RegExp, RegExp>();

function withIndices(pattern: RegExp): RegExp {
  const before = compiled.get(pattern);
  if (before !== undefined) return before;
  const made = new RegExp(pattern, pattern.flags.includes('d') ? pattern.flags : `${pattern.flags}d`);
  compiled.set(pattern, made);
  return made;
}
