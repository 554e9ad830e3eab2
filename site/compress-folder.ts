/**
 * Brings the compressed siblings in a folder up to date with its files. What is up to date is left alone, whoever made it;
 * a sibling is there whole or not at all, and is never older than its original.
 */
import { chmod, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { LEAST_BYTES, mayHaveSiblings, type Suffix, siblings, suffixes } from './siblings.ts';

/** `files` are those that may have siblings; bytes are those of the files that got new ones, and of their smallest. */
export type Summary = Readonly<
  Record<'files' | 'made' | 'current' | 'small' | 'removed' | 'bytes' | 'compressedBytes', number>
> & {
  /** Siblings without an original that may be no siblings: somebody's download. */
  readonly left: readonly string[];
  readonly failures: readonly string[];
};

type Counts = { -readonly [K in Exclude<keyof Summary, 'left' | 'failures'>]: number } & {
  readonly left: string[];
  readonly failures: string[];
};

/** Files that are compressed at once: each is in memory, several times. */
const usualAtOnce = availableParallelism();

/** Writes, renews and removes siblings below `folder`; a file that fails is named in the summary. Rejects when there is no such folder. */
export async function compressFolder(folder: string, atOnce = usualAtOnce): Promise<Summary> {
  const names = await namesBelow(folder);
  const counts: Counts = {
    ...{ files: 0, made: 0, current: 0, small: 0, removed: 0, bytes: 0, compressedBytes: 0 },
    ...{ left: [], failures: [] },
  };
  const jobs = jobsFor(folder, names, counts);
  const work = async () => {
    for (const job of jobs) await job();
  };
  await Promise.all(Array.from({ length: Math.max(1, atOnce) }, work));
  return counts;
}

// Hidden names are not served, so nobody asks for their siblings.
async function namesBelow(folder: string): Promise<ReadonlyMap<string, boolean>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const all = entries.map((entry): [string, boolean] => [join(entry.parentPath, entry.name), entry.isFile()]);
  return new Map(all.filter(([path]) => !/(?:^|[\\/])\.(?!well-known[\\/])/.test(relative(folder, path))));
}

/** One job for each file, and one for each that has left siblings behind. */
function* jobsFor(folder: string, names: ReadonlyMap<string, boolean>, counts: Counts): Generator<() => Promise<void>> {
  const guarded = (path: string, job: () => Promise<void>) => () =>
    job().catch((error: Error) => void counts.failures.push(`${relative(folder, path)}: ${error.message}`));
  for (const [path, isFile] of names) {
    if (isFile && mayHaveSiblings(path)) yield guarded(path, () => renew(path, counts));
  }
  for (const [path, orphans] of orphansIn(names)) yield guarded(path, () => clear(folder, orphans, counts));
}

async function renew(path: string, counts: Counts): Promise<void> {
  counts.files++;
  const { size, mtimeNs, mode } = await stat(path, { bigint: true });
  const times = await Promise.all(suffixes.map((suffix) => timeOf(path + suffix)));
  const wanted = suffixes.filter((_, at) => (times[at] ?? 0n) < mtimeNs);
  const stale = wanted.filter((suffix) => times[suffixes.indexOf(suffix)] !== undefined);
  if (wanted.length === 0) return void counts.current++;
  if (size < LEAST_BYTES) counts.small++;
  const content = size < LEAST_BYTES ? Buffer.alloc(0) : await readFile(path);
  const made = await siblings(path, content, wanted);
  if ((await timeOf(path)) !== mtimeNs) throw new Error('was changed while it was compressed');
  for (const [suffix, bytes] of made) await put(path + suffix, bytes, { mtimeNs, mode: Number(mode) & 0o777 });
  for (const suffix of stale.filter((old) => !made.has(old))) await remove(path + suffix, counts);
  count(counts, content, made);
}

function count(counts: Counts, content: Buffer, made: ReadonlyMap<Suffix, Buffer>): void {
  if (made.size === 0) return;
  counts.made += made.size;
  counts.bytes += content.length;
  counts.compressedBytes += Math.min(...[...made.values()].map(({ length }) => length));
}

async function timeOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).mtimeNs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

// Under a hidden name first: half a sibling would be sent as a whole one.
async function put(path: string, bytes: Buffer, original: { readonly mtimeNs: bigint; readonly mode: number }) {
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}.draft`);
  try {
    await writeFile(draft, bytes);
    await chmod(draft, original.mode);
    // Rounded up: the front compares nanoseconds, and what was made from the file as it is now is not older.
    const time = new Date(Number((original.mtimeNs + 999_999n) / 1_000_000n));
    await utimes(draft, time, time);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function remove(path: string, counts: Counts): Promise<void> {
  await rm(path, { force: true });
  counts.removed++;
}

/** Siblings whose originals have gone, by the original. */
function orphansIn(names: ReadonlyMap<string, boolean>): Map<string, string[]> {
  const orphans = new Map<string, string[]>();
  for (const [path, isFile] of names) {
    const suffix = suffixes.find((each) => path.endsWith(each));
    const original = suffix === undefined ? '' : path.slice(0, -suffix.length);
    if (!isFile || !mayHaveSiblings(original) || names.has(original)) continue;
    orphans.set(original, [...(orphans.get(original) ?? []), path]);
  }
  return orphans;
}

// A lone `data.csv.gz` may be what people download; `.br` is nobody's archive, and several are siblings.
async function clear(folder: string, orphans: readonly string[], counts: Counts): Promise<void> {
  const [only] = orphans;
  if (only !== undefined && orphans.length === 1 && !only.endsWith('.br') && !(await isOurs(only))) {
    return void counts.left.push(relative(folder, only));
  }
  for (const path of orphans) await remove(path, counts);
}

// RFC 1952 §2.3: no time, made on an unknown system; gzip itself writes one or both.
async function isOurs(path: string): Promise<boolean> {
  if (!path.endsWith('.gz')) return false;
  const head = (await readFile(path)).subarray(0, 10).toString('hex');
  return /^1f8b080000000000..ff$/.test(head);
}
