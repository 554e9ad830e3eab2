/** Where the process of a tier stands, alone or under a primary: its log, what it is told, whom it tells. */
import type { Admin, AdminOptions } from './admin.ts';
import { complain, complaintOf } from './complaint.ts';
import { type HandOver, handOverAtSignal } from './hand-over/hand-over.ts';
import type { Inherited } from './hand-over/inherited.ts';
import type { Estate } from './hand-over/successor.ts';
import { type OpenLog, openLog } from './log.ts';
import type { ConfigOf } from './settings.ts';
import type { sharedSettings } from './shared-settings.ts';
import { reloadAtHangUp, type Told, toldByLetters, toldToStop } from './signals.ts';
import type { Drainable, TierOptions, TierTable } from './tier.ts';
import type { Superior } from './workers/duty.ts';
import type { Post } from './workers/post.ts';
import type { Siblings } from './workers/siblings.ts';

export type Shared = ConfigOf<ReturnType<typeof sharedSettings>>;

/** What of a process serves. */
export type Serving = { readonly listening: Drainable; readonly admin: Admin; readonly reloads: boolean };

export type Place = {
  readonly told: Promise<Told>;
  /** When what is in flight is not waited for any more. */
  readonly quick?: Promise<Told>;
  /** Whom a worker tells of itself. */
  readonly superior?: Superior;
  readonly admin: Pick<AdminOptions, 'listen' | 'setting' | 'token'>;
  readonly siblings?: Siblings;
  ready(serving: Serving): void;
  onReload(reload: () => void): Disposable;
  complain(error: unknown): void | Promise<void>;
};

/** The log as the settings want it, which follows its file at SIGUSR1; undefined, with a complaint, where it cannot be. */
export function logOf(name: TierOptions<TierTable>['name'], config: Shared, post: Post | undefined) {
  const { logLevel: level, logFormat: format, logBuffer: buffer } = config;
  const { logSample: sample, logSkip: skips, logFile: file } = config;
  try {
    const open = openLog({ tier: name, level, format, buffer, sample, skips, file, worker: post?.number });
    // Without a file, too: else Node.js would open its debugger.
    process.on('SIGUSR1', open.reopen);
    return open;
  } catch (error) {
    complain(name, complaintOf(error));
    return undefined;
  }
}

/** Of a process that serves alone. */
export function alone(
  { name, prefix, preFork }: Pick<TierOptions<TierTable>, 'name' | 'prefix' | 'preFork'>,
  { adminListen, adminToken }: Shared,
  open: OpenLog,
  inherited: Inherited,
): Place {
  const stop = preFork ? toldByLetters() : { told: toldToStop() };
  const handOver = handOverAtSignal(open, stop.told);
  return {
    ...stop,
    told: Promise.race([stop.told, handOver.done]),
    admin: { listen: adminListen, setting: `${prefix}_ADMIN_LISTEN`, token: adminToken },
    ready({ listening, admin }) {
      const { url: address, alsoAt = [] } = listening;
      const several = addressesOf([address, ...alsoAt.map(({ url }) => url)]);
      open.announce('listening', { address, ...several, admin: admin.url, pid: process.pid });
      offer(handOver, { listening, admin }, inherited.isOwner);
      inherited.tell({ trivet: 'ready' });
    },
    onReload: reloadAtHangUp,
    complain: (error) => complainTo(inherited, name, error),
  };
}

/** Says why it does not serve, to who came before as well. */
export function complainTo(inherited: Inherited, name: string, error: unknown): void {
  const complaint = complaintOf(error);
  complain(name, complaint);
  inherited.tell({ trivet: 'failed', ...complaint });
}

function offer(handOver: HandOver, { listening, admin }: Omit<Serving, 'reloads'>, owns: boolean): void {
  handOver.offer({
    estate: () => estateOf([listening, ...(listening.alsoAt ?? [])], admin, owns),
    letGo: () => admin.letGo(),
  });
}

/** What can be handed over, or why it cannot. */
export function estateOf(
  listening: readonly Pick<Drainable, 'url' | 'fd'>[],
  admin: Admin,
  owns: boolean,
): Estate | string {
  const sockets = listening.flatMap(({ fd, url }) => (fd === undefined ? [] : { listen: fd, address: addressOf(url) }));
  const [first, ...more] = sockets;
  if (first === undefined || sockets.length < listening.length || admin.fd === undefined) {
    return 'its listening sockets cannot be reached';
  }
  return {
    listen: first.listen,
    admin: admin.fd,
    owns,
    addresses: { listen: first.address, admin: addressOf(admin.url) },
    ...(more.length > 0 && { more }),
  };
}

/** What the line `listening` says of several addresses, beside the first. */
export function addressesOf(all: readonly string[]): { readonly addresses?: readonly string[] } {
  return all.length > 1 ? { addresses: all } : {};
}

function addressOf(url: string): string {
  return url.replace(/^http:\/\//, '');
}

/** Of one of several workers. */
export async function under(post: Post, { log, reopen }: OpenLog): Promise<Place> {
  const { takeUp } = await import('./workers/duty.ts');
  const duty = takeUp(post, log, reopen);
  return {
    ...duty,
    admin: { listen: { kind: 'unix', path: post.admin }, token: '' },
    ready: ({ listening: { url, alsoAt = [] }, reloads }) =>
      duty.ready([url, ...alsoAt.map((one) => one.url)], reloads),
    async complain(error) {
      const complaint = complaintOf(error);
      process.exitCode = complaint.code;
      await duty.failed(complaint);
    },
  };
}
