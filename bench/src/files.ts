import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bodyBytes, hugeBytes, largeBytes } from './servers/announce.ts';

/** A new folder with the files that a front gives: `site/page.txt`, 1 KiB, `large.txt`, 100 KiB, `huge.txt`, 5 MiB. */
export function files(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trivet-bench-'));
  // Varnish and nginx, started by root, read their files as users of their own.
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'site'));
  writeFileSync(join(folder, 'site/page.txt'), 'x'.repeat(bodyBytes));
  writeFileSync(join(folder, 'site/large.txt'), 'x'.repeat(largeBytes));
  writeFileSync(join(folder, 'site/huge.txt'), 'x'.repeat(hugeBytes));
  return folder;
}
