/**
 * Connections that a worker was handed when it died. Node.js waits for the worker's word on each of them: the channel does
 * not count as disconnected before, and `node:cluster` keeps the connection open for ever, its client waiting in vain. So
 * the end of the channel is told, and the word is given in the worker's place: "not taken", whereupon the connection goes to
 * another worker; nothing was read from it. This leans on the messages of `lib/internal/cluster`; a test says whether they
 * are still like this.
 */
import type { Worker } from 'node:cluster';
import { setTimeout as wait } from 'node:timers/promises';

/** What was sent to a worker that takes connections, and it has not said yet that it has it. */
const lanes = new Set<ReadonlySet<number>>();

const ASK_AGAIN_MS = 2;

/**
 * Resolves once each connection that was accepted has been sent to a worker: what it is told later comes behind it. A worker
 * gets the next when it has said that it has the last, so that none is left in this process when one has all that it was
 * sent; another may hang. After `withinMs` it resolves all the same, and those that are left are lost when the workers end.
 */
export async function allSent(withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  while (mayWait() && performance.now() < until) await wait(ASK_AGAIN_MS);
}

function mayWait(): boolean {
  return lanes.size > 0 && lanes.values().every((handed) => handed.size > 0);
}

type Envelope = { readonly act?: unknown; readonly seq?: unknown; readonly ack?: unknown; accepted?: unknown };

/**
 * Watches over what this worker is handed. `hasOthers`: is there another worker to take it? Else it is
 * closed: to `node:cluster` that is the same as taken.
 */
export function rescueStranded(worker: Worker, hasOthers: () => boolean): void {
  const { process: child } = worker;
  const handed = new Set<number>();
  worker.once('listening', () => lanes.add(handed));
  const send = child.send;
  const noting = (message: unknown, ...rest: unknown[]): boolean => {
    const { act, seq } = (message ?? {}) as Envelope;
    if (act === 'newconn' && typeof seq === 'number') handed.add(seq);
    return Reflect.apply(send, child, [message, ...rest]);
  };
  child.send = noting as typeof send;
  // Before the listener of `node:cluster`: what no worker takes any more it would keep, too.
  child.prependListener('internalMessage', (message: Envelope) => {
    // It listens no more.
    if (message?.act === 'close') lanes.delete(handed);
    if (typeof message?.ack !== 'number' || !handed.delete(message.ack)) return;
    if (message.accepted === false && !hasOthers()) message.accepted = true;
  });
  let isConnected = true;
  // When the process has ended and nothing more can come from it.
  child.once('close', () => isConnected && child.emit('disconnect'));
  // Behind the listener of `node:cluster`, which takes the worker off its list.
  child.once('disconnect', () => {
    isConnected = false;
    lanes.delete(handed);
    for (const ack of handed) child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted: false }, undefined);
  });
}
