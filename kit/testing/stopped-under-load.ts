import assert from 'node:assert/strict';
import type { NetConnectOpts } from 'node:net';
import { eventually } from './eventually.ts';
import { SpawnedTier } from './spawned-tier.ts';
import { type Ends, stopLoad } from './stop-load.ts';

type What = {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  readonly target?: string;
  /** Clients of each kind. */
  readonly clients?: number;
  /** So many may be let in and not answered. */
  readonly mostUntouched?: number;
};

const enough = 100;

/**
 * The system may let a client in whose last packet of the handshake was on its way when the socket closed, and cut it off
 * at once; nobody can ask it not to. One of hundreds, now and then; where a drain is careless it is several at each stop.
 */
const usualUntouched = 1;

/** Starts a tier, stops it in the midst of a load, and has each request answered; resolves with the counts. */
export async function stoppedUnderLoad(what: What): Promise<Ends> {
  const { program, env, target = '/', clients = 8, mostUntouched = usualUntouched } = what;
  await using tier = new SpawnedTier(env, { program });
  const { address } = await tier.line('listening');
  const { ends, over } = stopLoad(placeOf(address), { fresh: clients, kept: clients, target });
  await eventually(() => assert.ok(ends.whole >= enough), 30_000);
  tier.child.kill('SIGTERM');
  const code = await tier.exitCode();
  await over;
  const { refused, whole: _whole, left: _left, untouched, ...lost } = ends;
  assert.deepEqual(lost, { cut: 0, odd: 0 }, tier.complaints);
  assert.ok(untouched <= mostUntouched, `${untouched} were let in and not answered\n${tier.complaints}`);
  assert.deepEqual([code, refused], [0, 2 * clients]);
  return ends;
}

function placeOf(address: string): NetConnectOpts {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) };
  const { hostname, port } = new URL(address);
  return { host: hostname, port: Number(port) };
}
