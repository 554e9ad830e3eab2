/** Loads the three files that a user edits: `policy.ts`, `site.ts`, `app.ts`; each time as they are now. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { digestOf, newModuleVersion } from './module-version.ts';
import { lineIn, placeOf } from './place-in-source.ts';

/** What the user must mend before the tier can start: one clear line, exit code 78. */
export class StartProblem extends Error {
  /** The user's files that were read before it came to light, as in `UserFile`: mending one of them may mend it. */
  readonly files: ReadonlyMap<string, string>;
  /** Each with its place, where there are several: a line each. */
  readonly problems: readonly string[];

  constructor(message: string, options: StartProblemOptions = {}) {
    super(message, options);
    this.name = 'StartProblem';
    this.files = options.files ?? new Map();
    this.problems = options.problems ?? [message];
  }
}

type StartProblemOptions = ErrorOptions & {
  readonly files?: ReadonlyMap<string, string>;
  readonly problems?: readonly string[];
};

/** What a file of the user gave. */
export type UserFile = {
  readonly value: unknown;
  readonly module: Readonly<Record<string, unknown>>;
  /** The file itself, then the user's files that it imported: absolute path → digest of the content that was read. */
  readonly files: ReadonlyMap<string, string>;
};

/** `/srv/policy.ts:3` or `  at file:///srv/policy.ts:3:7` in a stack: the files and lines in it, outermost call last. */
function placesIn(stack: string): { file: string; line: string }[] {
  const found = stack.matchAll(/^(\/.+):(\d+)$|(file:\/\/\/[^\s?):]+)(?:\?[^\s):]*)?:(\d+)/gm);
  return Array.from(found, ([, path, pathLine, url, urlLine]) => ({
    file: path ?? fileURLToPath(url ?? 'file:///'),
    line: pathLine ?? urlLine ?? '',
  }));
}

/** What is wrong with the file, and where the user should look: in it, or in what it imports. */
function complaint(full: string, error: unknown): string {
  if (!(error instanceof Error)) return `${full} does not load: ${error}`;
  const places = placesIn(error.stack ?? '').filter(({ file }) => !file.startsWith(import.meta.dirname));
  // Node speaks of what a symbolic link leads to.
  const real = realpathSync(full);
  const own = places.find(({ file }) => file === full || file === real);
  const [first] = places;
  const said = `does not load: ${error.name}: ${error.message}`;
  if (own) return `${full}:${own.line} ${said}`;
  return first ? `${full} ${said} (${first.file}:${first.line})` : `${full} ${said}`;
}

/** What is wrong with what the file at `path` exports; each problem says by its first words what it is about. */
export function problemsIn(
  path: string,
  problems: readonly string[],
  { setting, ...options }: StartProblemOptions & { readonly setting: string },
): StartProblem {
  const source = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const placed = problems.map((problem) => {
    const line = lineIn(source, placeOf(problem));
    return `${path}${line === undefined ? '' : `:${line}`}: ${problem}`;
  });
  return new StartProblem(`${setting}: ${placed.join('; ')}`, {
    ...options,
    problems: placed.map((problem) => `${setting}: ${problem}`),
  });
}

function problemsOf(error: unknown): readonly string[] | undefined {
  const problems = error instanceof Error && 'problems' in error ? error.problems : undefined;
  return Array.isArray(problems) && problems.length > 0 && problems.every((one) => typeof one === 'string')
    ? problems
    : undefined;
}

/**
 * Imports `path` (relative to `base`) as it is now, and returns its export `name`. `setting` is named in the complaint.
 * @throws StartProblem when the file is missing, does not load, or has no such export.
 */
export async function loadUserFile(
  path: string,
  name: string,
  setting: string,
  base = process.cwd(),
): Promise<UserFile> {
  const full = resolve(base, path);
  using version = newModuleVersion();
  const itself = [full, digestOf(full)] as const;
  const files = () => new Map([itself, ...version.files]);
  if (!existsSync(full)) throw new StartProblem(`${setting}: there is no file ${full}`, { files: files() });
  if (!statSync(full).isFile()) throw new StartProblem(`${setting}: ${full} is not a file`, { files: files() });
  let module: Readonly<Record<string, unknown>>;
  try {
    // Node resolves symbolic links too, but remembers for ever where they led.
    module = await import(version.urlOf(pathToFileURL(realpathSync(full)).href));
  } catch (cause) {
    const problems = problemsOf(cause);
    if (problems !== undefined) throw problemsIn(full, problems, { setting, cause, files: files() });
    throw new StartProblem(`${setting}: ${complaint(full, cause)}`, { cause, files: files() });
  }
  const value = module[name];
  if (value === undefined) {
    const exported = Object.keys(module).join(', ') || 'nothing';
    const said = `${full} has no export ${JSON.stringify(name)} (it exports ${exported})`;
    throw new StartProblem(`${setting}: ${said}`, { files: files() });
  }
  return { value, module, files: files() };
}
