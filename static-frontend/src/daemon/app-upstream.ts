/** Where the app is, for the front: at the addresses that were set, or in processes of its own, whoever owns them. */

import type { Environment } from '@trivet/kit/process/settings.ts';
import type { Runtime } from '@trivet/kit/process/tier.ts';
import type { ForMany, OfMany } from '@trivet/kit/process/workers/for-many.ts';
import type { Siblings } from '@trivet/kit/process/workers/siblings.ts';
import type { AddressRule } from '@trivet/kit/upstream/options.ts';
import type { FrontConfig } from '../../settings.ts';
import { addressesOf, type Serving } from './places.ts';
import { runDaemons } from './run-daemons.ts';

/** The part of the front's upstreams that is told where the app is. */
export type AppSenders = {
  moveApp(addresses: readonly AddressRule[]): void;
  inFlightTo(address: string): number;
};

export type AppUpstream = {
  /** Where it is at the start. */
  readonly addresses: readonly AddressRule[];
  /** `senders` are told from now on. */
  follow(senders: AppSenders): void;
  /** `true`, or why the app cannot be asked. */
  ready(): true | string;
  stats(): object;
  /** Takes the app's code as it is now; absent where the app is not ours. */
  reload?(why: string): void;
};

/** What the owner of the processes says to the workers of the front, and they to him. JSON. */
type ToFront = { readonly daemons: Serving } | { readonly daemonInFlight: string };
const whichOnes = { daemons: 'which?' };

/** How long a worker of the front waits for the first word of where the app is. */
const firstWordMs = 2_000;

/** @throws SettingsProblem when what the user set or wrote keeps the app from starting. */
export async function openApp(runtime: Runtime<FrontConfig>, env: Environment): Promise<AppUpstream> {
  const { upstream, daemonSlots } = runtime.config;
  if (upstream !== 'daemon') {
    return { addresses: upstream, follow: () => undefined, ready: () => true, stats: () => ({}) };
  }
  if (runtime.siblings !== undefined) return await appOfPrimary(runtime.siblings, daemonSlots);
  const daemons = await runDaemons(runtime, env);
  return {
    addresses: addressesOf(daemons.serving, daemonSlots),
    follow: (senders) =>
      daemons.follow({
        take: (serving) => senders.moveApp(addressesOf(serving, daemonSlots)),
        inFlight: (socket) => senders.inFlightTo(`unix:${socket}`),
      }),
    ready: () => readiness(daemons.serving),
    stats: () => ({ daemons: daemons.stats() }),
    reload: (why) => void daemons.reload(why),
  };
}

/** For a worker of the front: the primary process owns the app's processes, and tells each worker where they are. */
async function appOfPrimary(siblings: Siblings, slots: number): Promise<AppUpstream> {
  const { promise: told, resolve } = Promise.withResolvers<void>();
  let senders: AppSenders | undefined;
  let serving: Serving = { ready: [], nobody: '/nonexistent/none', isExpected: true };
  siblings.join((what) => {
    const word = what as Partial<{ daemons: unknown; daemonInFlight: unknown }>;
    if (typeof word.daemonInFlight === 'string') return senders?.inFlightTo(`unix:${word.daemonInFlight}`) ?? 0;
    if (typeof word.daemons !== 'object') return null;
    serving = word.daemons as Serving;
    senders?.moveApp(addressesOf(serving, slots));
    resolve();
    return null;
  });
  void siblings.tell(whichOnes);
  const timer = setTimeout(resolve, firstWordMs);
  await told;
  clearTimeout(timer);
  return {
    addresses: addressesOf(serving, slots),
    follow: (given) => {
      senders = given;
      given.moveApp(addressesOf(serving, slots));
    },
    ready: () => readiness(serving),
    stats: () => ({}),
  };
}

/** For the primary process of several workers: it owns the app's processes. */
export async function appForMany(many: OfMany<FrontConfig>, env: Environment): Promise<ForMany> {
  if (many.config.upstream !== 'daemon') return {};
  const { crew } = many;
  const daemons = await runDaemons(many, env);
  const tell = async (what: ToFront) => await crew.tell(what);
  crew.onTold = (what) => isQuestion(what) && void tell({ daemons: daemons.serving });
  daemons.follow({
    take: async (serving) => {
      const { missing } = await tell({ daemons: serving });
      if (missing.length > 0) many.log.warn({ missing }, 'workers of the front have not heard where the app is now');
    },
    inFlight: async (socket) => {
      const { answers, missing } = await tell({ daemonInFlight: socket });
      if (missing.length > 0) return Number.POSITIVE_INFINITY;
      return answers.reduce<number>((sum, count) => sum + Number(count), 0);
    },
  });
  return { ownStats: () => ({ daemons: daemons.stats() }), reload: () => void daemons.reload('SIGHUP') };
}

function isQuestion(what: unknown): boolean {
  return typeof what === 'object' && what !== null && 'daemons' in what && what.daemons === whichOnes.daemons;
}

function readiness({ ready }: Serving): true | string {
  return ready.length > 0 || 'no process of the app is ready';
}
