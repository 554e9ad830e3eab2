import assert from 'node:assert/strict';
import type { NetConnectOpts } from 'node:net';
import { lastAskMs } from '../process/signals.ts';
import { socketName } from '../process/units.ts';
import { eventually } from './eventually.ts';
import { SpawnedTier } from './spawned-tier.ts';
import { type Ends, stopLoad } from './stop-load.ts';

type What = {
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
  readonly target?: string;
  /** Where the tier works. */
  readonly cwd?: string;
  /** Clients of each kind. */
  readonly clients?: number;
};

const enough = 100;

/**
 * The system may let a client in whose last packet of the handshake was on its way when the socket closed, and cut it off
 * at once; nobody can ask it not to. One of hundreds, now and then, at each port; at a Unix socket there is no handshake.
 */
const usualUntouched = (addresses: readonly string[]) => addresses.filter((at) => !at.startsWith('unix:')).length;

/** Starts a tier, stops it in the midst of a load on each of its addresses, and has each request answered; resolves with the counts. */
export async function stoppedUnderLoad({ program, env, cwd, target = '/', clients = 8 }: What): Promise<Ends> {
  await using tier = new SpawnedTier(env, { program, ...(cwd && { cwd }) });
  const { address, addresses = [address] } = await tier.line('listening');
  const loads = addresses.map((at) => stopLoad(placeOf(at), { fresh: clients, kept: clients, target }));
  await eventually(() => assert.ok(loads.every(({ ends }) => ends.whole >= enough)), 30_000);
  tier.child.kill('SIGTERM');
  const code = await tier.exitCode();
  await Promise.all(loads.map(({ over }) => over));
  const ends = sumOf(loads.map((load) => load.ends));
  const { refused, whole: _whole, left: _left, untouched, ...lost } = ends;
  const stoodStillMs = Math.max(...loads.map((load) => load.stoodStillMs()));
  assert.deepEqual(lost, { cut: 0, odd: 0 }, tier.complaints);
  // Who says nothing for as long as a tier that ends waits for him may find his connection closed.
  const wasThere = stoodStillMs < lastAskMs / 2;
  assert.ok(
    untouched <= usualUntouched(addresses) || !wasThere,
    `${untouched} untouched (clients stood still for ${stoodStillMs} ms)\n${tier.complaints}`,
  );
  assert.deepEqual([code, refused], [0, 2 * clients * loads.length]);
  return ends;
}

function sumOf(all: readonly Ends[]): Ends {
  const sum = (what: keyof Ends) => all.reduce((before, ends) => before + ends[what], 0);
  return {
    ...{ whole: sum('whole'), refused: sum('refused'), untouched: sum('untouched') },
    ...{ cut: sum('cut'), odd: sum('odd'), left: sum('left') },
  };
}

function placeOf(address: string): NetConnectOpts {
  if (address.startsWith('unix:')) return { path: socketName(address.slice('unix:'.length)) };
  const { hostname, port } = new URL(address);
  return { host: hostname, port: Number(port) };
}
