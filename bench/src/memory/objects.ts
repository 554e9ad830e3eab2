const kilobyte = 1024;

/**
 * Sizes that repeat: half as many objects of each size as of the one four times smaller, as in ordinary sites, so that
 * neither the bytes nor the number of objects alone fill the store.
 */
const sizes: readonly number[] = [
  [1, 32],
  [4, 16],
  [16, 8],
  [64, 4],
  [256, 2],
  [1024, 1],
].flatMap(([kilobytes = 0, times = 0]) => Array<number>(times).fill(kilobytes * kilobyte));

/** The targets of distinct objects that together have at least `bytes` bytes. */
export function objectsOf(bytes: number): string[] {
  const targets: string[] = [];
  for (let total = 0; total < bytes; ) {
    // 17 has no factor in common with the number of sizes, so that each comes once and large ones stand among small ones.
    const size = sizes[(targets.length * 17) % sizes.length] ?? kilobyte;
    targets.push(`/object/${size}/${targets.length}`);
    total += size;
  }
  return targets;
}
