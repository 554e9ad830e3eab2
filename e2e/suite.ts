import { after, before, describe, test } from 'node:test';
import type { Case, Stack, Topology } from './topology.ts';

/** A case may take this long before it counts as hanging. */
const caseMs = 60_000;

/** Runs every case against one topology. Each `*.test.ts` in e2e is one call of this. */
export function describeTopology(topology: Topology, cases: readonly Case[]): void {
  const why = topology.unavailable();
  if (why !== undefined) console.log(`${topology.name}: 0 of ${cases.length} cases run, skipped: ${why}`);
  describe(topology.name, { skip: why ?? false }, () => {
    let stack: Stack;
    let ran = 0;
    before(async () => {
      stack = await topology.up();
    });
    after(async () => {
      await stack[Symbol.asyncDispose]();
      const gaps = Object.keys(topology.gaps).length;
      console.log(`${topology.name}: ${ran} of ${cases.length} cases run, ${gaps} known gaps`);
    });
    for (const { name, run } of cases) {
      test(name, { expectFailure: topology.gaps[name] ?? false, timeout: caseMs }, async () => {
        ran++;
        await run(stack);
      });
    }
  });
}
