// Workers that are stopped, as they are for a while on a machine that has more to do than it can.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { crew, WITHIN_MS } from '../../testing/crew-stand.ts';
import { eventually } from '../../testing/eventually.ts';
import { isAlive } from '../../testing/is-alive.ts';
import { rawConnect } from '../../testing/raw-client.ts';

/** Longer than a connection takes to a worker where nothing is in the way. */
const PAUSE_MS = 600;

const signal = (pids: readonly number[], name: NodeJS.Signals) => {
  for (const pid of pids) process.kill(pid, name);
};

/** Clients that are connected and have asked; resolves with what tells who answers each, 0 for nobody. */
async function asking(port: number, times = 6): Promise<() => Promise<number[]>> {
  const clients = await Promise.all(Array.from({ length: times }, () => rawConnect(port, WITHIN_MS)));
  for (const client of clients) await client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const whoAnswered = async (client: (typeof clients)[number]) => {
    await client.closed;
    return Number(/^x-pid: (\d+)\r$/im.exec(client.received)?.[1] ?? 0);
  };
  return () => Promise.all(clients.map(whoAnswered));
}

async function refused(port: number): Promise<void> {
  await eventually(() => assert.rejects(rawConnect(port), { code: 'ECONNREFUSED' }), WITHIN_MS);
}

describe('what was accepted for several workers when they end', { concurrency: 2 }, () => {
  test('is answered by them, though none of them takes it for a while', async () => {
    await using c = await crew();
    const { port, workers } = await c.up();
    signal(workers, 'SIGSTOP');
    // Each is handed one; the others wait in the primary process.
    const answered = await asking(port);
    c.tier.child.kill('SIGTERM');
    await refused(port);
    await wait(PAUSE_MS);
    signal(workers, 'SIGCONT');
    const pids = await answered();
    assert.ok(
      pids.every((pid) => workers.includes(pid)),
      pids.join(),
    );
    assert.equal(await c.tier.exitCode(), 0);
  });

  test('is answered by one when another hangs, for which this one does not wait', async () => {
    await using c = await crew();
    const { port, workers } = await c.up();
    const [hanging = 0, other = 0] = workers;
    signal([hanging], 'SIGSTOP');
    const answered = await asking(port);
    c.tier.child.kill('SIGTERM');
    await eventually(() => assert.equal(isAlive(other), false), WITHIN_MS);
    signal([hanging], 'SIGCONT');
    const pids = await answered();
    assert.deepEqual(
      [pids.filter((pid) => pid === hanging).length, pids.filter((pid) => pid === other).length],
      [1, 5],
    );
    assert.equal(await c.tier.exitCode(), 0);
  });
});
