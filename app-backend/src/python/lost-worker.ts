/** What becomes of a request whose worker died. */
import { Fault } from '@trivet/kit/semantics/fault.ts';

/** A request that had a slot, and lost it. */
export type LostRequest = {
  readonly method: string;
  /** Had the worker said that it took it up? */
  readonly isTaken: boolean;
  /** Has anything of an answer come? */
  readonly hasBegun: boolean;
  /** Can its body be sent once more? */
  readonly isReplayable: boolean;
  /** Was another worker asked for it before? */
  readonly hasLostWorker: boolean;
};

/** Not begun, as far as the client can tell, and harmless to begin twice (RFC 9110 §9.2.2); once. Pure. */
export function mayAskAnother({ method, isTaken, hasBegun, isReplayable, hasLostWorker }: LostRequest): boolean {
  if (hasLostWorker || hasBegun || !isReplayable) return false;
  return !isTaken || method === 'GET' || method === 'HEAD';
}

/** How long an answer waits to say how its worker ended. */
const mostObituaryMs = 50;

/** The fault of a worker that ended in the midst of a request; names how it ended where that is known soon. */
export async function deathOf(worker: number, howEnded: Promise<string | undefined>): Promise<Fault> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), mostObituaryMs);
  const how = await Promise.race([howEnded.catch(() => undefined), promise]);
  clearTimeout(timer);
  const name = how === undefined ? 'worker-died' : `worker-died:${how}`;
  return new Fault('worker-died', `${name}: worker ${worker} ended in the midst of the request`);
}
