/** The table of hostile requests through the peers that are installed: where they do otherwise than it says, as Markdown. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostileRequests } from '@trivet/kit/testing/hostile/all-requests.ts';
import { last, statusesOf } from '@trivet/kit/testing/hostile/holds.ts';
import { behind, type HostileRequest } from '@trivet/kit/testing/hostile/hostile-request.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { Contender } from './src/contender.ts';
import { gunicorn } from './src/peers/gunicorn.ts';
import { nginx } from './src/peers/nginx.ts';
import { find, versionOf } from './src/peers/program.ts';
import { varnish } from './src/peers/varnish.ts';
import { ServerProcess } from './src/processes/server-process.ts';

/** A peer that says nothing for so long waits for more of what it takes for a request. */
const patienceMs = 300;

/** What a peer does with one request, in the words of the table where it can. */
async function outcome(port: number, { bytes }: HostileRequest): Promise<string> {
  await using client = await rawConnect(port, patienceMs);
  await client.write(bytes + behind + last);
  const isClosed = await client.closed.then(
    () => true,
    () => false,
  );
  const statuses = statusesOf(client.received);
  return `${statuses.join(' ') || 'nothing'}${isClosed ? '' : ', then waits'}`;
}

function agrees(told: string, { outcome }: HostileRequest): boolean {
  if (typeof outcome === 'number') return told === String(outcome);
  return /^[23]\d\d/.test(told);
}

async function differences(peer: Contender): Promise<void> {
  const file = peer.program && find(peer.program);
  if (peer.program === undefined || file === undefined) return console.log(`${peer.name}: skipped, not installed`);
  const folder = mkdtempSync(join(tmpdir(), 'trivet-hostile-'));
  try {
    // Varnish gives its rights away before it reads its rules.
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'site'));
    await using origin = await scriptedOrigin((_request, reply) =>
      reply.send(200, ['Cache-Control', 'no-store'], 'ok'),
    );
    await using server = await ServerProcess.start(
      await peer.prepare({ folder, originPort: origin.port }, file),
      folder,
    );
    const rows: string[] = [];
    for (const request of hostileRequests) {
      const told = await outcome(server.port, request);
      if (!agrees(told, request)) rows.push(`| ${request.what} | ${request.outcome} | ${told} |`);
    }
    console.log(`\n## ${versionOf(peer.program)}: ${rows.length} of ${hostileRequests.length} otherwise\n`);
    console.log(
      ['| request | here | there: one answer, or also those behind it |', '|---|---|---|', ...rows].join('\n'),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const peer of [nginx, varnish, gunicorn(2)]) await differences(peer);
