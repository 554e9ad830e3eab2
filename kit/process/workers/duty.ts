/** What the life of a tier's process has of its place: alone, or as one of several workers under a primary process. */
import cluster from 'node:cluster';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Complaint } from '../complaint.ts';
import type { Log } from '../log.ts';
import { lastAskMs, type Told } from '../signals.ts';
import { type Addresses, type FromWorker, isOurs, type Underway } from './messages.ts';
import type { Post } from './post.ts';
import { type Line, Siblings } from './siblings.ts';

/** The primary, as far as it is told how its worker is. */
export type Superior = {
  tired(why: Extract<FromWorker, { trivet: 'tired' }>['why']): void;
  underway(requests: readonly Underway[]): void;
};

/** A worker's place under its primary. */
export type Duty = {
  readonly told: Promise<Told>;
  readonly siblings: Siblings;
  readonly superior: Superior;
  ready(addresses: Addresses, reloads: boolean): void;
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
  process.on('SIGTERM', () => resolve({ signal: 'SIGTERM', idleMs: lastAskMs }));
  mindOthers(post, log);
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
  const orders: Readonly<Record<string, (message: object) => void>> = {
    ping: () => line.send({ trivet: 'pong' }),
    drain: (message) => resolve({ signal: 'drain', ...idleOf(message) }),
    quit: () => process.exit(0),
    reload: () => reload(),
    reopen: () => reopenLog(),
  };
  line.listen((message) => {
    if (isOurs(message) && Object.hasOwn(orders, message.trivet)) orders[message.trivet]?.(message);
  });
  return {
    told,
    siblings: new Siblings(line, log),
    superior: {
      tired: (why) => line.send({ trivet: 'tired', why }),
      underway: (requests) => line.send({ trivet: 'underway', requests }),
    },
    ready: (addresses, reloads) => line.send({ trivet: 'ready', addresses, reloads }),
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

/** Signals that a terminal sends to all processes, and those that are meant for the primary. */
function mindOthers({ isSupervised = false }: Post, log: Log): void {
  // As a worker of Gunicorn: at once. The primary does not wait for it either.
  if (isSupervised) for (const name of ['SIGINT', 'SIGQUIT']) process.on(name, () => process.exit(0));
  for (const name of isSupervised ? supervised : unsupervised) {
    process.on(name, () => log.debug(`${name} is the primary's to act on`));
  }
}

const unsupervised = ['SIGINT', 'SIGHUP', 'SIGUSR2'] as const;
const supervised = ['SIGHUP', 'SIGUSR2', 'SIGTTIN', 'SIGTTOU'] as const;

function idleOf(message: object): Pick<Told, 'idleMs'> {
  return 'idleMs' in message && typeof message.idleMs === 'number' ? { idleMs: message.idleMs } : {};
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
