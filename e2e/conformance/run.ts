import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Environment } from '../../topology/shapes.ts';
import { TierProcess } from '../../topology/tier-process.ts';
import type { Results } from './suite.ts';

// Seconds on a free machine; a cache that leaves a request without an answer would never end.
const deadlineMs = 120_000;

const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Starts an edge with these settings in front of the suite's origin and asks it every test. */
export async function runSuite(origin: string, settings: Environment): Promise<Results> {
  const { PATH, HOME } = process.env;
  const environment = {
    EDGE_LISTEN: '127.0.0.1:0',
    EDGE_ADMIN_LISTEN: '127.0.0.1:0',
    EDGE_ORIGIN: origin,
    ...settings,
  };
  const edge = new TierProcess(
    { tier: 'edge-cache', main: 'edge-cache/main.ts', environment: () => environment },
    {
      root: repository,
      behind: origin,
      inherited: { PATH, HOME, LOG_LEVEL: 'silent' },
      output: {
        line: () => undefined,
        complaint: (_tier, line) => process.stderr.write(`${line}\n`),
        event: (tier, text) => process.stderr.write(`${tier} ${text}\n`),
      },
    },
  );
  try {
    const { address } = await edge.start();
    const worker = new Worker(new URL('./client.ts', import.meta.url), { workerData: address });
    const [results] = await once(worker, 'message', { signal: AbortSignal.timeout(deadlineMs) });
    return results;
  } finally {
    await edge.stop();
  }
}
