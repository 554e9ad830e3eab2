/** What it costs the edge to store text compressed: CPU time of its process per miss and per hit, by who asks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuMs } from './src/processes/cpu-time.ts';
import { ServerProcess } from './src/processes/server-process.ts';
import { tierCommand } from './src/tiers.ts';

const REQUESTS = Number(process.argv[2] ?? 3000);
const AT_ONCE = 8;
const sizes = [2, 16, 128] as const;
const askers = [undefined, 'gzip', 'br', 'zstd'] as const;

const words = Array.from({ length: 40_000 }, (_, i) => `<li class="row-${i % 7}">entry ${(i * 7919) % 104_729}</li>`);
const text = Buffer.from(words.join('\n'));

/** Answers `/<kilobytes>/…` with so much HTML. */
const origin = createServer((request, response) => {
  const kilobytes = Number(request.url?.split('/')[1]);
  const body = text.subarray(0, kilobytes * 1024);
  response.writeHead(200, {
    'content-type': 'text/html',
    'cache-control': 'max-age=600',
    'content-length': body.length,
  });
  response.end(body);
});

async function fetched(port: number, path: string, coding: string | undefined, agent: Agent): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = coding === undefined ? {} : { 'accept-encoding': coding };
  const request = get({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    response.on('end', () => resolve(bytes)).on('error', reject);
  });
  request.on('error', reject);
  return await promise;
}

type Run = { readonly edge: ServerProcess; readonly coding: string | undefined; path(i: number): string };

/** Microseconds of CPU time per request, and the bytes of the last answer. */
async function measured({ edge, coding, path }: Run): Promise<{ us: number; bytes: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  let next = 0;
  let bytes = 0;
  const work = async () => {
    for (let i = next++; i < REQUESTS; i = next++) bytes = await fetched(edge.port, path(i), coding, agent);
  };
  const before = cpuMs([edge.pid]);
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const us = ((cpuMs([edge.pid]) - before) * 1000) / REQUESTS;
  agent.destroy();
  return { us, bytes };
}

const folder = mkdtempSync(join(tmpdir(), 'trivet-compression-'));
try {
  await new Promise<void>((resolve) => void origin.listen(0, '127.0.0.1', resolve));
  const address = origin.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(
    '| size | EDGE_COMPRESSION | Accept-Encoding | miss, µs | hit, µs | hit decoded, µs | bytes |\n',
  );
  process.stdout.write('|---|---|---|---|---|---|---|\n');
  for (const setting of ['off', 'on'] as const) {
    const settings = { EDGE_ORIGIN: `http://127.0.0.1:${port}`, EDGE_COMPRESSION: setting };
    await using edge = await ServerProcess.start(tierCommand('edge-cache', settings), folder);
    await measured({ edge, coding: undefined, path: (i) => `/2/warm-up/${i}` });
    for (const size of sizes) {
      for (const coding of setting === 'on' ? askers : askers.slice(0, 2)) {
        const miss = await measured({ edge, coding, path: (i) => `/${size}/${coding}/${i}` });
        const hit = await measured({ edge, coding, path: () => `/${size}/${coding}/0` });
        const plain = await measured({ edge, coding: undefined, path: () => `/${size}/${coding}/0` });
        const figures = [miss.us, hit.us, plain.us].map((us) => us.toFixed(0));
        const cells = [`${size} KB`, setting, coding ?? 'none', ...figures, miss.bytes];
        process.stdout.write(`| ${cells.join(' | ')} |\n`);
      }
    }
  }
} finally {
  origin.close();
  origin.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
}
