/**
 * At SIGUSR2 a process starts a new one of itself, with the code and the files that are on the disk by now, gives it the
 * listening sockets, and ends once that serves. Nothing is lost of what waits to be accepted: the sockets are the same. As
 * long as the new one does not serve, this one does.
 */
import { leaveSockets } from '../bind.ts';
import type { OpenLog } from '../log.ts';
import type { Told } from '../signals.ts';
import { initVariable } from '../tune.ts';
import { type Estate, type Outcome, startSuccessor, tryOut } from './successor.ts';
import { whyNot } from './why-not.ts';

/** What a process that serves can give away. */
export type Offer = {
  /** The sockets as they are now, or why they cannot be given. */
  estate(): Estate | string;
  /** Another process listens: this one takes no more, of any of them. */
  letGo(): Promise<void> | void;
};

export type HandOver = {
  /** Resolves when another process serves in place of this one. */
  readonly done: Promise<Told>;
  /** From now on there is something to give. */
  offer(offer: Offer): void;
};

/** So long a new process may take to read everything, and again to serve. */
const DEADLINE_MS = 60_000;
/** So long clients may still ask on the connections that they have here. */
const IDLE_MS = 5_000;

/** Minds SIGUSR2. `told`: when this process is to end, a hand-over that is under way is given up. */
export function handOverAtSignal({ log, announce }: Pick<OpenLog, 'log' | 'announce'>, told: Promise<Told>): HandOver {
  const { promise: done, resolve } = Promise.withResolvers<Told>();
  let offered: Offer | undefined;
  let isBusy = false;
  const stop = new AbortController();
  void told.then(() => stop.abort('this process was told to stop'));
  const handOver = async () => {
    const estate = estateOf(offered);
    if (typeof estate === 'string') return log.error({ why: estate }, 'nothing is handed over, this process goes on');
    const { pid } = process;
    announce('handing over', { pid });
    const outcome = await succeed(estate, stop.signal);
    if (outcome.is === 'down') {
      const { why, said } = outcome;
      return log.error({ why, said }, 'the new process did not come to serve; this one goes on');
    }
    stop.abort('another process serves');
    leaveSockets();
    await offered?.letGo();
    announce('handed over', { pid, to: outcome.pid });
    resolve({ signal: 'SIGUSR2', idleMs: IDLE_MS });
  };
  process.on('SIGUSR2', async () => {
    if (isBusy || stop.signal.aborted) return log.warn('SIGUSR2: another process takes over already, or this one ends');
    isBusy = true;
    await handOver();
    isBusy = false;
  });
  return {
    done,
    offer: (given) => {
      offered = given;
    },
  };
}

function estateOf(offered: Offer | undefined): Estate | string {
  const { connected: hasParent = false, env } = process;
  // Its parent ends with it then, and is the container's first.
  const pid = env[initVariable] === '1' && process.ppid === 1 ? 1 : process.pid;
  const why = whyNot({ pid, hasParent, managedPid: env.SYSTEMD_EXEC_PID });
  return why ?? offered?.estate() ?? 'it does not serve yet';
}

async function succeed(estate: Estate, stop: AbortSignal): Promise<Outcome> {
  const tried = await within(stop, tryOut);
  return tried.is === 'up' ? await within(stop, (signal) => startSuccessor(estate, signal)) : tried;
}

async function within(stop: AbortSignal, what: (signal: AbortSignal) => Promise<Outcome>): Promise<Outcome> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(`nothing was heard of it in ${DEADLINE_MS}ms`), DEADLINE_MS);
  try {
    return await what(AbortSignal.any([stop, late.signal]));
  } catch (error) {
    // The system would not start it.
    return { is: 'down', why: error instanceof Error ? error.message : String(error), said: [] };
  } finally {
    clearTimeout(timer);
  }
}
