import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { collectionsIn, tellCollections } from './collections.ts';

const scavenge = (ms: number): string =>
  `[10521:0x16206000]       17 ms: Scavenge 4.9 (5.6) -> 4.6 (6.6) MB, pooled: 0.0 MB, ${ms.toFixed(2)} / 0.00 ms (average mu = 1.000, current mu = 1.000) allocation failure; \n`;
const full = (ms: number, step: number): string =>
  `[10512:0x155ce000]     1087 ms: Incremental Mark-Compact 190.6 (195.6) -> 167.6 (175.6) MB, pooled: 0.0 MB, ${ms.toFixed(2)} / 0.00 ms (+ 20.8 ms in 24 steps since start of marking, biggest step ${step.toFixed(1)} ms, walltime since start of marking 140 ms) (average mu = 0.921, current mu = 0.922) finalize incremental marking via stack guard; GC in old space requested\n`;

for (const [what, output, expected] of [
  ['nothing', '', { full: 0, longestMs: 0 }],
  ['other lines', '{"msg":"listening","took":"12.3 / 4.5 ms"}\n', { full: 0, longestMs: 0 }],
  ['small collections', scavenge(1.5) + scavenge(0.7), { full: 0, longestMs: 1.5 }],
  ['a full one that is longest at its end', scavenge(1) + full(46.8, 20.1), { full: 1, longestMs: 46.8 }],
  ['a full one that is longest in a step before', full(4, 20.1) + full(3, 2), { full: 2, longestMs: 20.1 }],
] as const) {
  test(`the pauses in the output are found: ${what}`, () => assert.deepEqual(collectionsIn(output), expected));
}

test('this version of Node writes such lines', () => {
  const script = 'gc({ type: "minor" }); gc(); gc();';
  const seen = collectionsIn(
    execFileSync(process.execPath, [tellCollections, '--expose-gc', '-e', script], { encoding: 'utf8' }),
  );
  assert.equal(seen.full, 2);
  assert.ok(seen.longestMs > 0);
});
