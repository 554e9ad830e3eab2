/**
 * A newer version of what was imported before. Node keeps every module it has ever loaded, by URL, and has no way to
 * forget one; so each version gets URLs of its own, by a query that is handed down from a file of the user to the files
 * that it imports. Packages and the kit itself have no versions: there is one of each.
 *
 * What that costs: the code and the exports of older versions stay in memory until the process ends, about 45 KB for a
 * file of a hundred lines. Nothing else of them has to: what was made of the exports is free to go.
 */
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** One loading of a file of the user and of what it imports. Disposed, it no longer notes which files those are. */
export type ModuleVersion = Disposable & {
  /** The files of the user that were met so far, each with its digest just before Node read it. */
  readonly files: ReadonlyMap<string, string>;
  /** The URL under which this version of a module is imported. */
  urlOf(url: string): string;
};

const QUERY = /[?&]trivet-version=(\d+)/;
const repository = pathToFileURL(join(import.meta.dirname, '../..')).href;
const { cache: commonjs } = createRequire(import.meta.url);

let last = 0;
const underWay = new Map<string, Map<string, string>>();

/** Begins a version. */
export function newModuleVersion(): ModuleVersion {
  if (last === 0) registerHooks({ resolve: resolveVersioned });
  last += 1;
  const version = String(last);
  const files = new Map<string, string>();
  underWay.set(version, files);
  return {
    files,
    urlOf: (url) => versioned(url, version),
    [Symbol.dispose]: () => void underWay.delete(version),
  };
}

type Resolve = NonNullable<Parameters<typeof registerHooks>[0]['resolve']>;

const resolveVersioned: Resolve = (specifier, context, next) => {
  // A file outside the repository has no node_modules above it; `@trivet/…` means this kit all the same.
  if (specifier.startsWith('@trivet/')) return next(specifier, { ...context, parentURL: import.meta.url });
  const version = versionOf(specifier) ?? versionOf(context.parentURL ?? '');
  // A bare name is a package.
  if (version === undefined || !/^(?:\.|\/|file:)/.test(specifier)) return next(specifier, context);
  // Before it is looked for: one that is not there may come.
  note(new URL(specifier, context.parentURL).href, version);
  const found = next(specifier, context);
  if (!isOfTheUser(found.url)) return found;
  note(found.url, version);
  return versionOf(found.url) === undefined ? { ...found, url: versioned(found.url, version) } : found;
};

function versionOf(url: string): string | undefined {
  return QUERY.exec(url)?.[1];
}

function note(url: string, version: string): void {
  const files = underWay.get(version);
  if (files === undefined || !isOfTheUser(url)) return;
  const path = fileURLToPath(url);
  if (files.has(path)) return;
  files.set(path, digestOf(path));
  // CommonJS is kept by path, without the query.
  delete commonjs[path];
}

/** What stands for the content of a file, and for where links lead to; for one that cannot be read, the reason. */
export function digestOf(path: string): string {
  try {
    return createHash('sha256').update(realpathSync(path)).update('\0').update(readFileSync(path)).digest('hex');
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  }
}

/** A second copy of the kit's own modules would be a second kit: other classes, other state. */
function isOfTheUser(url: string): boolean {
  if (!url.startsWith('file:') || url.includes('/node_modules/')) return false;
  return !url.startsWith(`${repository}/`) || !/^\/(?:kit|[^/]+\/src)\//.test(url.slice(repository.length));
}

function versioned(url: string, version: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}trivet-version=${version}`;
}
