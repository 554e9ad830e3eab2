/** What is in a folder, as far as somebody may ask for it. */
import { lstat, opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasControl } from '../semantics/control.ts';
import { unopened } from './opened.ts';
import type { Root } from './root.ts';

/** One line of a listing; `mtime` in milliseconds, a folder has no size. */
export type Entry = { readonly name: string; readonly mtime: number } & (
  | { readonly type: 'folder' }
  | { readonly type: 'file'; readonly size: number }
);

/** `isWhole` is false where there was more than is told. */
export type Listing = { readonly entries: readonly Entry[]; readonly isWhole: boolean };

/** Entries of one listing: each costs a question to the disk, and a line of the answer. */
export const MOST_ENTRIES = 10_000;

/** Entries that the disk is asked about at once. */
const atOnce = 32;

const underWay = new WeakMap<Root, Map<string, Promise<Listing | undefined>>>();

/**
 * The entries of a folder, folders first, by name; undefined when there is no such folder. Left out is what no request
 * could get: hidden names, links that the root does not follow, what is neither file nor folder. Those who ask for a
 * folder while it is being read get what is read.
 */
export async function listFolder(root: Root, name: string, most = MOST_ENTRIES): Promise<Listing | undefined> {
  const ofRoot = underWay.get(root) ?? new Map<string, Promise<Listing | undefined>>();
  underWay.set(root, ofRoot);
  const reading = ofRoot.get(name) ?? read(root, name, most).finally(() => ofRoot.delete(name));
  ofRoot.set(name, reading);
  return await reading;
}

async function read(root: Root, name: string, most: number): Promise<Listing | undefined> {
  try {
    return await root.withFolder(name, (path) => entriesOf(root, { name, path }, most));
  } catch (error) {
    unopened(error);
    return undefined;
  }
}

/** A folder by its name below the root, and by the path that it is read through. */
type Folder = { readonly name: string; readonly path: string };

async function entriesOf(root: Root, folder: Folder, most: number): Promise<Listing> {
  const { names, isWhole } = await namesIn(folder.path, most);
  const entries: Entry[] = [];
  for (let at = 0; at < names.length; at += atOnce) {
    const some = await Promise.all(names.slice(at, at + atOnce).map((name) => entryOf(root, folder, name)));
    entries.push(...some.filter((entry) => entry !== undefined));
  }
  return { entries: entries.sort(foldersFirst), isWhole };
}

async function namesIn(path: string, most: number): Promise<{ names: string[]; isWhole: boolean }> {
  const names: string[] = [];
  for await (const { name } of await opendir(path)) {
    if (!canBeAsked(name)) continue;
    if (names.length === most) return { names, isWhole: false };
    names.push(name);
  }
  return { names, isWhole: true };
}

// Hidden names, and those that no target stands for: `askedPath` and `resolve` refuse them, or they are not UTF-8.
function canBeAsked(name: string): boolean {
  return !hasControl(name) && !/^\.|[\\\ufffd]/.test(name);
}

async function entryOf(root: Root, folder: Folder, name: string): Promise<Entry | undefined> {
  const path = join(folder.path, name);
  try {
    const own = await lstat(path);
    const isLink = own.isSymbolicLink();
    if (isLink && !isPublic((await root.glimpse(`${folder.name}/${name}`)).is)) return undefined;
    const facts = isLink ? await stat(path) : own;
    if (facts.isDirectory()) return { name, type: 'folder', mtime: facts.mtimeMs };
    return facts.isFile() ? { name, type: 'file', size: facts.size, mtime: facts.mtimeMs } : undefined;
  } catch (error) {
    unopened(error);
    return undefined;
  }
}

function isPublic(is: 'file' | 'folder' | 'missing' | 'withheld'): boolean {
  return is === 'file' || is === 'folder';
}

function foldersFirst(a: Entry, b: Entry): number {
  if (a.type !== b.type) return a.type === 'folder' ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
