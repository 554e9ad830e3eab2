/** From candidates to one open file: asks the disk, and nothing but the disk. */
import { contentType } from './content-type.ts';
import type { Opened, OpenFile } from './opened.ts';
import type { Candidates } from './resolve.ts';
import type { Opens } from './root.ts';
import { siblings } from './wanted-codings.ts';

/** The representation that was chosen: the file itself, or a sibling of it that holds the same content compressed. */
export type Located = OpenFile & { readonly name: string; readonly coding: string | undefined };

export type Location =
  | { readonly found: 'file'; readonly file: Located }
  /** A folder with an index, or with a listing: its path lacks the slash. */
  | { readonly found: 'folder' }
  /** A folder without index whose entries may be told, by its name below the root. */
  | { readonly found: 'listing'; readonly name: string }
  | { readonly found: 'nothing' }
  | { readonly found: 'withheld'; readonly why: string };

type Named = Extract<Candidates, { names: 'files' }>;

type Place = { readonly folder: string; readonly index: readonly string[]; readonly listing?: boolean };

/** Finds the file that answers a path below `folder` of the root, in the first of the `wanted` codings that is there. */
export async function locate(root: Opens, place: Place, named: Named, wanted: readonly string[]): Promise<Location> {
  const folders: string[] = [];
  for (const relative of named.files) {
    const name = `${place.folder}/${relative}`;
    const opened = await root.open(name);
    if (opened.is === 'file') return { found: 'file', file: await represent(root, name, opened, wanted) };
    if (opened.is === 'withheld') return { found: 'withheld', why: opened.why };
    if (opened.is === 'folder') folders.push(relative);
  }
  if (named.folder !== undefined) return await withoutIndex(root, place, named.folder);
  return await asFolder(root, place, named, folders);
}

/** Is this a type for which siblings may exist, so that the answer depends on Accept-Encoding? */
export function mayHaveSiblings(name: string): boolean {
  return contentType(name).isCompressible;
}

async function represent(root: Opens, name: string, original: OpenFile, wanted: readonly string[]): Promise<Located> {
  if (!mayHaveSiblings(name)) return { ...original, name, coding: undefined };
  try {
    const found = await sibling(root, name, original, wanted);
    if (found === undefined) return { ...original, name, coding: undefined };
    await original.handle.close();
    return found;
  } catch (error) {
    await original.handle.close();
    throw error;
  }
}

async function sibling(root: Opens, name: string, original: OpenFile, wanted: readonly string[]) {
  for (const coding of wanted) {
    const opened = await root.open(name + siblings[coding]);
    if (opened.is === 'file') {
      // Older than its original: compressed from what the file was before.
      if (opened.version.mtimeNs >= original.version.mtimeNs) return { ...opened, name, coding };
      await opened.handle.close();
    }
  }
  return undefined;
}

async function withSlash(root: Opens, name: string, { index, listing }: Place): Promise<Location> {
  for (const file of index) {
    const opened = await close(await root.open(`${name}/${file}`));
    if (opened.is === 'file') return { found: 'folder' };
  }
  return listing === true ? { found: 'folder' } : { found: 'withheld', why: 'a folder without index' };
}

// No name is a file; the path itself may be one of those that are `folders`.
async function asFolder(root: Opens, place: Place, named: Named, folders: readonly string[]): Promise<Location> {
  const path = named.instead ?? named.files[0] ?? '';
  if (!folders.includes(path) && !folders.includes(`${path}/`)) return { found: 'nothing' };
  const location = await withSlash(root, `${place.folder}/${path}`, place);
  return named.instead === undefined || location.found === 'folder' ? location : { found: 'nothing' };
}

// The top is not a folder that somebody put there: a site without a front page leaves '/' to the app.
async function withoutIndex(root: Opens, place: Place, folder: string): Promise<Location> {
  if (folder === '' && place.listing !== true) return { found: 'nothing' };
  const name = `${place.folder}/${folder}`;
  const opened = await close(await root.open(name));
  if (opened.is === 'withheld') return { found: 'withheld', why: opened.why };
  if (opened.is !== 'folder') return { found: 'nothing' };
  return place.listing === true ? { found: 'listing', name } : { found: 'withheld', why: 'a folder without index' };
}

async function close(opened: Opened): Promise<Opened> {
  if (opened.is === 'file') await opened.handle.close();
  return opened;
}
