/** Loads the three files that a user edits: `policy.ts`, `site.ts`, `app.ts`. */
import { existsSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

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

/** `  at file:///srv/policy.ts:3:7` in a stack → where the user should look. */
function whereIn(error: unknown, url: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = stack.indexOf(url);
  const position = at < 0 ? null : /^:(\d+)/.exec(stack.slice(at + url.length).replace(/^\?[^:]*/, ''));
  return position ? `:${position[1]}` : '';
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
    const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new StartProblem(`${setting}: ${full}${whereIn(cause, url)} does not load: ${message}`, { cause });
  }
  const value = module[name];
  if (value === undefined) {
    const exported = Object.keys(module).join(', ') || 'nothing';
    throw new StartProblem(`${setting}: ${full} has no export ${JSON.stringify(name)} (it exports ${exported})`);
  }
  return { value, module };
}
