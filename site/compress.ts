/**
 * Brings the compressed siblings of a site's files up to date: `npm run site:compress -- FOLDER`, by default site/public.
 * To be run after every change: a sibling older than its original is not served.
 */
import { join } from 'node:path';
import { compressFolder, type Summary } from './compress-folder.ts';

const folder = process.argv[2] ?? join(import.meta.dirname, 'public');

try {
  const summary = await compressFolder(folder);
  process.stdout.write(`${told(summary)}\n`);
  process.exitCode = summary.failures.length > 0 ? 1 : 0;
} catch (error) {
  process.stderr.write(`${folder}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function told({ files, made, current, small, removed, bytes, compressedBytes, left, failures }: Summary): string {
  const saved = made === 0 ? '' : ` (${bytes} bytes, at best ${compressedBytes})`;
  return [
    `${files} files that may have siblings: ${current} up to date, ${small} too small`,
    `${made} siblings written${saved}, ${removed} removed`,
    ...left.map((name) => `left alone, it has no original: ${name}`),
    ...failures.map((failure) => `failed: ${failure}`),
  ].join('\n');
}
