/** Does one honest request wait behind clients that are slow? Each server is up alone, and is asked once for each kind. */
import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Claim } from '../claim.ts';
import type { Contender } from '../contender.ts';
import { files } from '../files.ts';
import { gthread, gunicorn } from '../peers/gunicorn.ts';
import { startSide } from '../side.ts';
import { app, appInPython } from '../tiers.ts';
import { answered, type Hold, held, holds } from './hold.ts';

/** Slow clients at once. */
const slowClients = 4;
/** Of a server whose goal is not to let anybody wait. */
const mostMs = 100;
/** After this nobody waits any longer, milliseconds. */
const patienceMs = 5_000;
/** So that what was sent has been read by whoever reads it; loopback takes microseconds. */
const settleMs = 200;

const contenders: readonly (readonly [Contender, boolean])[] = [
  [app(1, 'reading'), true],
  [appInPython(1, 'reading'), true],
  [gunicorn(1, 'reading'), false],
  [gthread(1, 2, 'reading'), false],
];

/** One row for each server and each kind of slow client. */
export async function measureSlow(): Promise<readonly Claim[]> {
  const claims: Claim[] = [];
  for (const [contender, hasGoal] of contenders) claims.push(...(await beside(contender, hasGoal)));
  return claims;
}

async function beside(contender: Contender, hasGoal: boolean): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const hold of holds) {
    // Anew for each: a worker that still waits for the last client would answer for the next.
    await using own = new AsyncDisposableStack();
    const folder = own.adopt(files(), (path) => rmSync(path, { recursive: true, force: true }));
    const side = await startSide(contender, { place: { folder, originPort: 0 }, own, pinning: undefined });
    if (side.server === undefined)
      return [{ what: `${contender.name}: slow clients`, seen: side.missing ?? 'missing' }];
    claims.push(claimOf(contender.name, hold, await waitingBehind(side.server.port, hold), hasGoal));
  }
  return claims;
}

async function waitingBehind(port: number, hold: Hold): Promise<number | undefined> {
  await answered(port, patienceMs);
  using _ = await held(port, slowClients, hold);
  await wait(settleMs);
  return await answered(port, patienceMs);
}

/** The row of the table. */
export function claimOf(name: string, hold: Hold, ms: number | undefined, hasGoal: boolean): Claim {
  const what = `${name}: an honest request beside ${slowClients} clients, ${hold}`;
  const seen = ms === undefined ? `> ${patienceMs} ms` : `${ms.toFixed(1)} ms`;
  return hasGoal ? { what, seen, goal: `≤ ${mostMs} ms`, isReached: ms !== undefined && ms <= mostMs } : { what, seen };
}
