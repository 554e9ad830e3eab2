// Real processes: the smallest tier with several workers.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { isAlive } from './is-alive.ts';
import { type Door, rawExchange } from './raw-client.ts';
import { RunningTier } from './running-tier.ts';

export const WITHIN_MS = 20_000;
const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
export const half = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na';

export const jsonOf = async (response: Response) => (await response.json()) as Record<string, unknown>;

/** Which process answers a connection of its own. */
export async function whoAnswers(door: Door): Promise<number> {
  const answer = await rawExchange(door, get);
  const [, pid] = /^x-pid: (\d+)\r$/im.exec(answer) ?? [];
  assert.ok(pid !== undefined, `nobody answered: ${JSON.stringify(answer)}`);
  return Number(pid);
}

export async function answering(door: Door, times = 8): Promise<Set<number>> {
  const pids = new Set<number>();
  for (let i = 0; i < times; i++) pids.add(await whoAnswers(door));
  return pids;
}

/** A tier of two workers, its private folder in a folder of this test. */
export async function crew(env: Readonly<Record<string, string>> = {}) {
  await using building = new AsyncDisposableStack();
  const folder = building.use(await mkdtempDisposable(join(tmpdir(), 'trivet-crew-')));
  const tier = building.use(new RunningTier({ FRONT_WORKERS: '2', TMPDIR: folder.path, ...env }));
  let workers: readonly number[] = [];
  // They end by themselves, but one that a test has stopped; it would hold the tier's standard output open.
  building.defer(() => {
    tier.child.kill('SIGKILL');
    for (const pid of workers) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  const whole = building.move();
  return {
    tier,
    folder: folder.path,
    /** What the tier keeps in its folder; what others of the platform keep there does not count. */
    left: () => readdirSync(folder.path).filter((name) => name.startsWith('trivet-static-frontend-')),
    async up(): Promise<{ port: number; admin: string; workers: number[]; address: string }> {
      await eventually(() => assert.match(tier.out, /"listening"/, tier.out + tier.complaints), WITHIN_MS);
      const told = await tier.listening();
      workers = told.workers;
      return told;
    },
    line: async (what: RegExp) =>
      await eventually(() => {
        const found = tier.out.split('\n').find((line) => what.test(line) && line.endsWith('}'));
        assert.ok(found !== undefined, `${what} is not in ${tier.out}${tier.complaints}`);
        return JSON.parse(found);
      }, WITHIN_MS),
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  };
}
