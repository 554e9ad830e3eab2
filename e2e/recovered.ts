import assert from 'node:assert/strict';
import type { Tier } from '@trivet/kit/semantics/fault.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { ask, script } from './ask.ts';
import type { Stack } from './topology.ts';

/** Long enough for a container to come back. */
export const recoveryMs = 30_000;

/** Resolves once the stack answers again, whatever the case did to it. */
export async function recovered(stack: Stack, tier: Tier): Promise<void> {
  await stack.start(tier);
  await eventually(async () => assert.equal((await ask(script(stack.edge))).status, 200), recoveryMs);
}
