/** A temporary folder with files in it, for tests. */
import { mkdir, mkdtempDisposable, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { OpenFile } from '../files/opened.ts';
import { readRange } from '../files/send.ts';

export type FileTree = AsyncDisposable & { readonly path: string };

/** Where each file's clock stands, unless it is told otherwise: siblings are not older than their originals. */
const made = new Date('2026-01-02T03:04:05Z');

/** Makes the entries by their relative names; parents are made too. */
export async function fileTree(
  entries: Readonly<Record<string, string | Buffer | { readonly link: string }>>,
): Promise<FileTree> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trivet-front-'));
  for (const [name, entry] of Object.entries(entries)) {
    const path = join(folder.path, name);
    await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (name.endsWith('/')) continue;
    if (typeof entry === 'object' && 'link' in entry) await symlink(entry.link, path);
    else await writeAt(path, entry, made);
  }
  return { path: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** Writes a file as if at a given time. */
export async function writeAt(path: string, content: string | Buffer, time: Date): Promise<void> {
  await writeFile(path, content);
  await utimes(path, time, time);
}

/** All of an open file, as text. */
export async function textOf({ handle, version }: OpenFile): Promise<string> {
  return String(await readRange(handle, { first: 0, last: Number(version.size) - 1 }));
}
