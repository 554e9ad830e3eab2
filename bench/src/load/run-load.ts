import { percentile } from '../figures.ts';
import { Client } from './client.ts';
import type { LoadJob, LoadResult } from './load-job.ts';
import { targetsOf } from './targets.ts';

/** Asks as many requests as the job wants, each connection `depth` at a time, and counts what comes back. */
export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const target = targetsOf(job.targets);
  const method = job.uploadBytes === undefined ? 'GET' : 'POST';
  const rest = headAfterTarget(job) + 'x'.repeat(job.uploadBytes ?? 0);
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
      depth: job.isClosing ? 1 : (job.depth ?? 1),
      next: () => (asked++ < job.requests ? `${method} ${target()}${rest}` : undefined),
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
  const longestMs = sorted.at(-1) ?? Number.NaN;
  return { answered, wrong, connectionsOpened, seconds, p50Ms, p99Ms, longestMs };
}

function headAfterTarget({ port, isClosing, field, uploadBytes }: LoadJob): string {
  const connection = isClosing ? 'Connection: close\r\n' : '';
  const further = field === undefined ? '' : `${field}\r\n`;
  const length = uploadBytes === undefined ? '' : `Content-Length: ${uploadBytes}\r\n`;
  return ` HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: */*\r\n${further}${length}${connection}\r\n`;
}
