import { percentile } from '../figures.ts';
import { Client } from './client.ts';
import type { LoadJob, LoadResult } from './load-job.ts';

/** Asks as many requests as the job wants, each connection one at a time, and counts what comes back. */
export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const requests = job.targets.map((target) => requestBytes(target, job));
  const latencies = new Float64Array(job.requests);
  const wrong: Record<string, number> = {};
  let [asked, answered, connectionsOpened] = [0, 0, 0];
  const count = (what: string) => {
    wrong[what] = (wrong[what] ?? 0) + 1;
  };
  const clients = Array.from({ length: Math.min(job.connections, job.requests) }, () => {
    return new Client({
      port: job.port,
      isClosing: job.isClosing ?? false,
      next: () => (asked < job.requests ? requests[asked++ % requests.length] : undefined),
      onConnect: () => {
        connectionsOpened++;
      },
      onAnswer: ({ status, bodyBytes }, ms) => {
        const { expected } = job;
        if (status !== expected.status) count(`status ${status}`);
        else if (bodyBytes !== (expected.bodyBytes ?? bodyBytes)) count(`status ${status} with ${bodyBytes} bytes`);
        else latencies[answered++] = ms;
      },
      onLost: count,
    });
  });
  const startedAt = performance.now();
  const deadline = setTimeout(() => {
    for (const client of clients) client.stop();
  }, job.deadlineMs);
  await Promise.all(clients.map((client) => client.run()));
  clearTimeout(deadline);
  const seconds = (performance.now() - startedAt) / 1000;
  const sorted = latencies.subarray(0, answered).sort();
  const [p50Ms, p99Ms] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
  return { answered, wrong, connectionsOpened, seconds, p50Ms, p99Ms };
}

function requestBytes(target: string, { port, isClosing }: LoadJob): Buffer {
  const connection = isClosing ? 'Connection: close\r\n' : '';
  return Buffer.from(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: */*\r\n${connection}\r\n`, 'latin1');
}
