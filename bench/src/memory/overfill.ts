/** Pushes ten times what its store may hold through the edge and watches its memory. */
import type { LoadGenerator } from '../load/load-generator.ts';
import { ServerProcess } from '../processes/server-process.ts';
import { scriptCommand, tierCommand } from '../tiers.ts';
import { type Bound, megabyte, mostForStore } from './bound.ts';
import { objectsOf } from './objects.ts';
import { ResidentWatch } from './resident-watch.ts';

const limitMegabytes = 64;
const times = 10;
const deadlineMs = 300_000;

export async function overfill(folder: string, generator: LoadGenerator): Promise<Bound[]> {
  await using origin = await ServerProcess.start(scriptCommand('objects.ts'), folder);
  const settings = { EDGE_ORIGIN: `http://127.0.0.1:${origin.port}`, EDGE_STORE_MEMORY: `${limitMegabytes}MB` };
  await using edge = await ServerProcess.start(tierCommand('edge-cache', settings), folder);
  const targets = objectsOf(times * limitMegabytes * megabyte);
  using watch = new ResidentWatch([edge.pid]);
  const { answered, wrong } = await generator.run({
    port: edge.port,
    targets: { rule: 'list', list: targets },
    requests: targets.length,
    connections: 16,
    expected: { status: 200 },
    deadlineMs,
  });
  if (answered < targets.length) throw new Error(`the edge gave other answers: ${JSON.stringify(wrong)}`);
  await expectHit(`http://127.0.0.1:${edge.port}${targets.at(-1)}`);
  const [before = 0] = watch.before;
  const [peak = 0] = watch.peaks();
  const what = `edge, ${times} × ${limitMegabytes} MB in ${targets.length} objects through a store of ${limitMegabytes} MB`;
  return [{ what, before, peak, of: 'peak', most: mostForStore(limitMegabytes * megabyte) }];
}

/** An edge that stores nothing would need no memory and prove nothing. */
async function expectHit(url: string): Promise<void> {
  const response = await fetch(url);
  await response.arrayBuffer();
  const status = response.headers.get('cache-status') ?? 'nothing';
  if (!/;\s*hit\b/.test(status)) throw new Error(`the edge did not store what it was asked last; it says ${status}`);
}
