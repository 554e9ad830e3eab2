/**
 * Writes the compressed siblings of a site's files beside them: `node site/compress.ts [FOLDER]`, by default
 * site/public. Run it after every change: a sibling older than its original is not served. Siblings that are no longer
 * wanted are taken away.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { siblings } from './siblings.ts';

const folder = process.argv[2] ?? join(import.meta.dirname, 'public');
const suffixes = ['.zst', '.br', '.gz'];

const entries = await readdir(folder, { recursive: true, withFileTypes: true });
const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
const existing = new Set(files);

for (const file of files.filter((name) => !suffixes.some((suffix) => name.endsWith(suffix)))) {
  const content = await readFile(file);
  const made = siblings(file, content);
  for (const suffix of suffixes) {
    const bytes = made.get(suffix);
    if (bytes) await writeFile(file + suffix, bytes);
    else if (existing.has(file + suffix)) await rm(file + suffix);
  }
  const sizes = [...made].map(([suffix, bytes]) => `${suffix} ${bytes.length}`);
  process.stdout.write(`${file}: ${[content.length, ...sizes].join(', ')}\n`);
}
