/** Servers of others, as child processes in the foreground that end with the test. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawExchange } from '@trivet/kit/testing/raw-client.ts';

/** A server that listens on 127.0.0.1. */
export type Listening = AsyncDisposable & { readonly port: number };

// Where servers are installed is often left out of an ordinary user's PATH.
const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin` };

/** The peers, by the version that the tables tell of: another one may have another mind about the odder rows. */
export const peers = {
  nginx: { program: 'nginx', version: /nginx\/1\.22\./ },
  apache: { program: 'apache2', version: /Apache\/2\.4\.[67]\d/ },
} as const;

export type Peer = keyof typeof peers;

/**
 * Why tests with this peer cannot run here; false when they can. Where `REQUIRE_PEERS=1` one that is not there is no
 * reason: the tests run, and fail.
 */
export function whyNot(peer: Peer): string | false {
  const { program, version } = peers[peer];
  const { error, stdout, stderr } = spawnSync(program, ['-v'], { env, encoding: 'utf8' });
  if (error !== undefined) return process.env.REQUIRE_PEERS === '1' ? false : `there is no ${program} here`;
  const said = `${stdout}${stderr}`;
  return version.test(said) ? false : `this is not the version of the tables: ${said.split('\n')[0]}`;
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Runs a server until it is disposed; resolves once it answers on `port`. @throws with what it said, when it ended. */
export async function launch(program: string, args: readonly string[], port: number): Promise<Listening> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk));
  const ended = Promise.race([once(child, 'exit'), once(child, 'error').then(() => undefined)]);
  // An 'error' before the wait below is what `said` then tells.
  child.on('error', (error) => (said += error.message));
  try {
    await eventually(async () => {
      if (child.pid === undefined || child.exitCode !== null) return;
      await rawExchange(port, 'GET / HTTP/1.0\r\n\r\n');
    });
    if (child.pid === undefined || child.exitCode !== null) throw new Error(`${program} does not run: ${said}`);
  } catch (error) {
    await end(child, ended);
    throw error;
  }
  return { port, [Symbol.asyncDispose]: () => end(child, ended) };
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  // Not SIGKILL: that would leave a peer's children behind.
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  await ended;
}
