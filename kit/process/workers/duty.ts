/** What the life of a tier's process has of its place: alone, or as one of several workers under a primary process. */
import cluster from 'node:cluster';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Complaint } from '../complaint.ts';
import type { Log } from '../log.ts';
import type { Told } from '../signals.ts';
import { type FromWorker, isOurs } from './messages.ts';
import type { Post } from './post.ts';
import { type Line, Siblings } from './siblings.ts';

/** A worker's place under its primary. */
export type Duty = {
  readonly told: Promise<Told>;
  readonly siblings: Siblings;
  ready(address: string, reloads: boolean): void;
  onReload(reload: () => void): Disposable;
  /** Resolves once the primary knows why this worker cannot serve. */
  failed(complaint: Complaint): Promise<void>;
};

/**
 * Takes up a worker's place. Signals of the terminal reach the primary too, which says what is to be done; SIGTERM alone
 * drains this one worker, and the primary replaces it. Without a primary there are no more connections: it drains.
 */
export function takeUp(post: Post, log: Log, reopenLog: () => void = () => undefined): Duty {
  const { promise: told, resolve } = Promise.withResolvers<Told>();
  const line = primaryLine();
  process.on('SIGTERM', () => resolve({ signal: 'SIGTERM' }));
  for (const name of ['SIGINT', 'SIGHUP', 'SIGUSR2'])
    process.on(name, () => log.debug(`${name} is the primary's to act on`));
  // Else Node.js would end the process at once, whatever is in flight.
  if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
  process.once('disconnect', () => resolve({ signal: 'disconnect' }));
  process.once('exit', () => {
    if (!process.connected) rmSync(dirname(post.admin), { recursive: true, force: true });
  });
  let wasToReload = false;
  let reload = () => {
    wasToReload = true;
  };
  line.listen((message) => {
    if (!isOurs(message)) return;
    if (message.trivet === 'ping') line.send({ trivet: 'pong' });
    if (message.trivet === 'drain') resolve({ signal: 'drain', idleMs: idleOf(message) });
    if (message.trivet === 'reload') reload();
    if (message.trivet === 'reopen') reopenLog();
  });
  return {
    told,
    siblings: new Siblings(line, log),
    ready: (address, reloads) => line.send({ trivet: 'ready', address, reloads }),
    onReload(given) {
      reload = given;
      // Told while it was starting: what it has read may be what was there before.
      if (wasToReload) given();
      return {
        [Symbol.dispose]: () => {
          reload = () => undefined;
        },
      };
    },
    failed: ({ problems, code }) => sent({ trivet: 'failed', problems, code }),
  };
}

function idleOf(message: object): number {
  return 'idleMs' in message && typeof message.idleMs === 'number' ? message.idleMs : 0;
}

function primaryLine(): Line {
  return {
    send: (message) => void sent(message),
    listen: (hear) => void process.on('message', hear),
    whenGone: (tell) => void process.once('disconnect', tell),
  };
}

/** Resolves once it is on its way, or there is nobody to hear it. */
function sent(message: FromWorker): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (process.connected && process.send) process.send(message, undefined, undefined, () => resolve());
  else resolve();
  return promise;
}
