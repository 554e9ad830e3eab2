/** The one reading of a request's path; routing, files and the upgrade of a connection all go by it. */
import { Fault } from '../semantics/fault.ts';
import { normalizePath } from '../semantics/path.ts';
import { splitQuery } from '../semantics/target.ts';

/** A path in the spellings that are needed: decoded and normalised to be judged, raw to be passed on. */
export type RoutedPath = {
  readonly path: string;
  readonly opaque: boolean;
  readonly rawPath: string;
  readonly query: string | undefined;
};

/** What is wrong with a path that is refused, as the page says it. */
export const pathComplaints = {
  'bad-hex': 'the path has a % without two hexadecimal digits behind it',
  'bad-utf8': 'the path is not UTF-8',
  control: 'the path has a control character',
  climbs: 'the path climbs above the root',
} as const;

/** Reads an origin-form target. @throws Fault `bad-path` for what no file and no app should ever see. */
export function askedPath(target: string): RoutedPath {
  const { path: rawPath, query } = splitQuery(target);
  const normal = normalizePath(rawPath);
  if (normal.verdict === 'bad') throw new Fault('bad-path', pathComplaints[normal.why]);
  return { path: normal.path, opaque: normal.opaque, rawPath, query };
}
