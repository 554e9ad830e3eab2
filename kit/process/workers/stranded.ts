/**
 * Connections that a worker was handed when it died. Node.js waits for the worker's word on each of them: the channel does
 * not count as disconnected before, and `node:cluster` keeps the connection open for ever, its client waiting in vain. So
 * the end of the channel is told, and the word is given in the worker's place: "not taken", whereupon the connection goes to
 * another worker; nothing was read from it. This leans on the messages of `lib/internal/cluster`; a test says whether they
 * are still like this.
 */
import type { Worker } from 'node:cluster';

const allHanded = new Set<ReadonlySet<number>>();

/** Is a connection on its way to a worker, or waiting for one? A worker gets the next when it has said that it has the last. */
export function isHandingOver(): boolean {
  return allHanded.values().some((handed) => handed.size > 0);
}

type Envelope = { readonly act?: unknown; readonly seq?: unknown; readonly ack?: unknown; accepted?: unknown };

/**
 * Watches over what this worker is handed. `hasOthers`: is there another worker to take it? Else it is
 * closed: to `node:cluster` that is the same as taken.
 */
export function rescueStranded(worker: Worker, hasOthers: () => boolean): void {
  const { process: child } = worker;
  const handed = new Set<number>();
  allHanded.add(handed);
  const send = child.send;
  const noting = (message: unknown, ...rest: unknown[]): boolean => {
    const { act, seq } = (message ?? {}) as Envelope;
    if (act === 'newconn' && typeof seq === 'number') handed.add(seq);
    return Reflect.apply(send, child, [message, ...rest]);
  };
  child.send = noting as typeof send;
  // Before the listener of `node:cluster`: what no worker takes any more it would keep, too.
  child.prependListener('internalMessage', (message: Envelope) => {
    if (typeof message?.ack !== 'number' || !handed.delete(message.ack)) return;
    if (message.accepted === false && !hasOthers()) message.accepted = true;
  });
  let isConnected = true;
  // When the process has ended and nothing more can come from it.
  child.once('close', () => isConnected && child.emit('disconnect'));
  // Behind the listener of `node:cluster`, which takes the worker off its list.
  child.once('disconnect', () => {
    isConnected = false;
    allHanded.delete(handed);
    for (const ack of handed) child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted: false }, undefined);
  });
}
