/** From a path of the web to names on the disk: pure. What is on the disk is asked in `locate.ts`. */
import { normalize } from 'node:path/posix';

export type NamedPath = { readonly path: string; readonly opaque: boolean };

export type Candidates =
  /** Names to try in order, relative to the folder of the route; `folder` is what must exist for them to be missed. */
  | {
      readonly names: 'files';
      readonly files: readonly string[];
      readonly folder: string | undefined;
      /** The path itself, where `try` says what stands in its place: a folder there does not end the search. */
      readonly instead?: string;
    }
  | { readonly names: 'nothing'; readonly why: 'encoded separator' }
  | { readonly names: 'hidden' };

/** What a path may stand for besides itself: the index of a folder, the names of `try`. */
export type Names = { readonly index: readonly string[]; readonly try?: readonly string[] | undefined };

/** Which files a normalised path may stand for; a path with a trailing slash stands for the index of a folder. */
export function resolve({ path, opaque }: NamedPath, { index, try: names }: Names): Candidates {
  if (isHidden(path)) return { names: 'hidden' };
  // %2F, %5C and '\' mean a separator to some file systems and a character to others: no name here has one.
  if (opaque || path.includes('\\')) return { names: 'nothing', why: 'encoded separator' };
  const relative = path.slice(1);
  if (path.endsWith('/')) return { names: 'files', files: index.map((name) => relative + name), folder: relative };
  if (names === undefined) return { names: 'files', files: [relative], folder: undefined };
  // As a function: what a path has of `$&` stands for itself.
  const files = names
    .map((name) => normalize(name.replaceAll('{path}', () => relative)))
    .filter((name) => !isHidden(`/${name}`));
  return { names: 'files', files, folder: undefined, instead: relative };
}

// Names that begin with a dot are not for the public: .env, .git, .htpasswd, editors' leavings. RFC 8615 §3 makes one
// exception, at the top alone.
function isHidden(path: string): boolean {
  const rest = path === '/.well-known' || path.startsWith('/.well-known/') ? path.slice('/.well-known'.length) : path;
  return rest.includes('/.');
}
