/** Loads the three files that a user edits: `policy.ts`, `site.ts`, `app.ts`. */
import { existsSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What the user must mend before the tier can start: one clear line, exit code 78. */
export class StartProblem extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartProblem';
  }
}

let hooked = false;

/** A file outside the repository has no node_modules above it; `@trivet/…` means this kit all the same. */
function resolveKitFromAnywhere(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve(specifier, context, next) {
      if (!specifier.startsWith('@trivet/')) return next(specifier, context);
      return next(specifier, { ...context, parentURL: import.meta.url });
    },
  });
}

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
  const places = placesIn(error.stack ?? '').filter(({ file }) => file !== import.meta.filename);
  const own = places.find(({ file }) => file === full);
  const [first] = places;
  const said = `does not load: ${error.name}: ${error.message}`;
  if (own) return `${full}:${own.line} ${said}`;
  return first ? `${full} ${said} (${first.file}:${first.line})` : `${full} ${said}`;
}

/**
 * Imports `path` (relative to `base`) and returns its export `name`. `setting` is named in the complaint.
 * @throws StartProblem when the file is missing, does not load, or has no such export.
 */
export async function loadUserFile(
  path: string,
  name: string,
  setting: string,
  base = process.cwd(),
): Promise<{ readonly value: unknown; readonly module: Readonly<Record<string, unknown>> }> {
  const full = resolve(base, path);
  if (!existsSync(full)) throw new StartProblem(`${setting}: there is no file ${full}`);
  if (!statSync(full).isFile()) throw new StartProblem(`${setting}: ${full} is not a file`);
  resolveKitFromAnywhere();
  const url = pathToFileURL(full).href;
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(url);
  } catch (cause) {
    throw new StartProblem(`${setting}: ${complaint(full, cause)}`, { cause });
  }
  const value = module[name];
  if (value === undefined) {
    const exported = Object.keys(module).join(', ') || 'nothing';
    throw new StartProblem(`${setting}: ${full} has no export ${JSON.stringify(name)} (it exports ${exported})`);
  }
  return { value, module };
}
