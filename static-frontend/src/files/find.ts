/** The step from a path on a files route to what answers it: a file, a folder that wants its slash, the app, or nobody. */
import type { RoutedPath } from '@trivet/kit/files/asked-path.ts';
import { type Located, locate } from '@trivet/kit/files/locate.ts';
import { resolve } from '@trivet/kit/files/resolve.ts';
import type { Opens } from '@trivet/kit/files/root.ts';
import { type Asking, askingOf, type FilesPlace } from '../route.ts';

export type Finding =
  | { readonly found: 'file'; readonly file: Located }
  | { readonly found: 'folder' }
  | { readonly found: 'listing'; readonly name: string }
  | { readonly found: 'app'; readonly ask: Asking }
  | { readonly found: 'status'; readonly status: number }
  | { readonly found: 'nothing'; readonly why: string };

/**
 * Looks for the file a path names, in the first of the `wanted` codings that is there; what is hidden or withheld is found
 * by nobody, the app included.
 */
export async function findFile(
  root: Opens,
  place: FilesPlace,
  asked: RoutedPath,
  wanted: readonly string[],
): Promise<Finding> {
  const candidates = resolve(asked, place);
  switch (candidates.names) {
    case 'hidden':
      return { found: 'nothing', why: 'hidden' };
    case 'nothing':
      return await instead(root, place, candidates.why, wanted);
    case 'files': {
      const location = await locate(root, place, candidates, wanted);
      if (location.found === 'withheld') return { found: 'nothing', why: location.why };
      if (location.found !== 'nothing') return location;
      return await instead(root, place, `no file ${candidates.files.join(', ')}`, wanted);
    }
  }
}

async function instead(
  root: Opens,
  { base, otherwise }: FilesPlace,
  why: string,
  wanted: readonly string[],
): Promise<Finding> {
  if (otherwise === undefined) return { found: 'nothing', why };
  if ('proxy' in otherwise) return { found: 'app', ask: askingOf(otherwise, base) };
  if ('returns' in otherwise) return { found: 'status', status: otherwise.returns };
  const only = { names: 'files', files: [otherwise.file], folder: undefined } as const;
  const location = await locate(root, { folder: '.', index: [] }, only, wanted);
  return location.found === 'file' ? location : { found: 'nothing', why: `${why}, nor ${otherwise.file}` };
}
