/** Runs a shape as local processes: the tiers come up from the application outwards and go down the other way. */
import { fileURLToPath } from 'node:url';
import type { Tier } from '@trivet/kit/semantics/fault.ts';
import { type Environment, services, type Wishes } from './shapes.ts';
import { type Addresses, type TierOutput, TierProcess } from './tier-process.ts';

const repository = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

export type RunningShape = AsyncDisposable & {
  /** Where clients ask. */
  readonly url: string;
  process(tier: Tier): TierProcess;
  /** Stops every tier, the outermost first; 0 when none of them had to cut a request. */
  stop(): Promise<number>;
};

export type LaunchOptions = {
  readonly wishes: Wishes;
  readonly inherited: Environment;
  readonly output: TierOutput;
  /** Told of each tier once it accepts connections. */
  up?(tier: Tier, addresses: Addresses): void;
  /** Aborting it while tiers are starting takes down what has started. */
  readonly signal?: AbortSignal;
};

/** Starts a shape; when a tier fails, what had started is stopped first. @throws TierFailed */
export async function launch({ wishes, inherited, output, up, signal }: LaunchOptions): Promise<RunningShape> {
  const started: TierProcess[] = [];
  const stop = async (): Promise<number> => {
    const codes: number[] = [];
    for (const tier of started.toReversed()) codes.push(await tier.stop());
    return Math.max(0, ...codes);
  };
  let behind: string | undefined;
  try {
    for (const service of services(wishes, inherited)) {
      signal?.throwIfAborted();
      const tier = new TierProcess(service, { root: repository, behind, inherited, output });
      started.push(tier);
      const addresses = await startOrStop(tier, signal);
      behind = reachable(addresses.address);
      up?.(service.tier, addresses);
    }
  } catch (error) {
    await stop();
    signal?.throwIfAborted();
    throw error;
  }
  return {
    url: behind ?? '',
    process: (name) => {
      const found = started.find(({ service }) => service.tier === name);
      if (!found) throw new Error(`the shape ${wishes.shape} has no ${name}`);
      return found;
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

/** A tier that is to be stopped while it starts ends as one that failed; what it loads may take for ever. */
async function startOrStop(tier: TierProcess, signal: AbortSignal | undefined): Promise<Addresses> {
  const stop = () => void tier.stop();
  signal?.addEventListener('abort', stop);
  try {
    return await tier.start();
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** An address to listen on every interface is reached on this machine's own. */
export function reachable(address: string): string {
  return address.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
