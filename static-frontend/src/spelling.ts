import type { RoutedPath } from '@trivet/kit/files/asked-path.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { encodePath } from '@trivet/kit/semantics/path.ts';

/** A part of a normalised path, from one of its characters to before another, as it may stand in a target. */
export type Spelling = (from: number, to: number) => string;

/**
 * Finds the parts of a path as the client wrote them, byte for byte. Where dot segments or doubled slashes make what was
 * written another path than what it means, the meaning is encoded anew; but not if it has an encoded slash, which nobody
 * could tell from a plain one any more. @throws Fault `bad-path` for that.
 */
export function spellingOf({ path, rawPath, opaque }: RoutedPath): Spelling {
  if (rawPath === path) return (from, to) => path.slice(from, to);
  const starts = startsOf(rawPath);
  const isPlain = starts.length === path.length + 1 && decodeURIComponent(rawPath) === path;
  if (isPlain) return (from, to) => rawPath.slice(starts[from], starts[to]);
  if (opaque) throw new Fault('bad-path', 'the path has an encoded separator, and segments that lead elsewhere');
  return (from, to) => encodePath(path.slice(from, to));
}

/** Where each character (UTF-16 unit) of the decoded path begins in the raw one, and where the last one ends. */
function startsOf(rawPath: string): number[] {
  const starts: number[] = [];
  for (const { 0: run, index } of rawPath.matchAll(/(?:%[0-9A-Fa-f]{2})+|[^%]/g)) {
    if (run.length === 1) starts.push(index);
    else starts.push(...startsOfEncoded(decodeURIComponent(run), index));
  }
  starts.push(rawPath.length);
  return starts;
}

function* startsOfEncoded(decoded: string, index: number): Generator<number> {
  let at = index;
  for (const character of decoded) {
    for (const _unit of character.split('')) yield at;
    at += 3 * Buffer.byteLength(character);
  }
}
