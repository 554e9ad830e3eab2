/** Are the promises about memory kept? Exits with 1 when one is broken or could not be looked at. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoadGenerator } from './src/load/load-generator.ts';
import { type Bound, boundsTable, holds } from './src/memory/bound.ts';
import { largeBody } from './src/memory/large-body.ts';
import { overfill } from './src/memory/overfill.ts';
import { stopOnSignal } from './src/stop-on-signal.ts';

const folder = mkdtempSync(join(tmpdir(), 'trivet-memory-'));
try {
  await using generator = new LoadGenerator();
  using _ = stopOnSignal(generator);
  const bounds: Bound[] = [];
  const complaints: string[] = [];
  for (const run of [() => overfill(folder, generator), () => largeBody(folder)]) {
    if (generator.isStopped) break;
    try {
      bounds.push(...(await run()));
    } catch (error) {
      complaints.push(`not measured: ${(error as Error).message}`);
    }
  }
  process.stdout.write(`${boundsTable(bounds)}\n`);
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  process.exitCode = complaints.length === 0 && bounds.every(holds) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
