// The admin API of an edge of several workers, before workers that do what the test says.

import { mkdtempDisposable } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bind } from '@trivet/kit/process/bind.ts';
import { Broadcast } from '@trivet/kit/process/workers/broadcast.ts';
import type { Crew, Hand } from '@trivet/kit/process/workers/crew.ts';
import { testAdmin } from '@trivet/kit/testing/test-admin.ts';
import type { Express } from 'express';

/** What is not answered by then never is. */
export const WITHIN_MS = 10_000;

export type ScriptedWorker = {
  /** What its admin API answers; where it is not given, it breaks every connection. */
  readonly admin?: RequestListener;
  /** Carries out what all are told; where it is not given, it cannot. */
  readonly told?: (what: unknown) => unknown;
};

/** What the routes know of a crew; the test changes it as workers come and go. */
export type FewHands = {
  -readonly [M in 'hands' | 'isDraining' | 'onReady' | 'reloadStarting' | 'tell' | 'tellMs']: Crew[M];
};

type Said = { readonly status: number; readonly body: unknown };

export type ManyStand = AsyncDisposable & {
  readonly url: string;
  readonly crew: FewHands;
  /** One more begins to serve. */
  join(worker: ScriptedWorker): Promise<void>;
  /** One has ended. */
  leave(number: number): void;
  json(path: string, init?: RequestInit): Promise<Said>;
  post(path: string, body?: unknown): Promise<Said>;
};

/** Routes that `mount` mounts, asked over HTTP; each worker is on a Unix socket of its own. */
export async function manyStand(
  workers: readonly ScriptedWorker[],
  mount: (app: Express, crew: FewHands) => void,
): Promise<ManyStand> {
  await using building = new AsyncDisposableStack();
  const folder = building.use(await mkdtempDisposable(join(tmpdir(), 'trivet-many-')));
  const sockets = building.use(new AsyncDisposableStack());
  const broadcast = new Broadcast(2_000);
  const crew: FewHands = {
    hands: [],
    isDraining: false,
    onReady: undefined,
    reloadStarting: () => undefined,
    tellMs: broadcast.deadlineMs,
    tell: (what) => broadcast.tell(what),
  };
  let started = 0;
  const start = async (worker: ScriptedWorker): Promise<Hand> => {
    started += 1;
    const number = started;
    const hand = { number, pid: 1000 + number, admin: join(folder.path, `${number}.sock`) };
    sockets.use(await openSocket(hand.admin, worker));
    broadcast.join(number, (message) => message.trivet === 'do' && carryOut(broadcast, worker, { number, ...message }));
    crew.hands = [...crew.hands, hand];
    return hand;
  };
  for (const worker of workers) await start(worker);
  const admin = building.use(await testAdmin({ routes: (app) => mount(app, crew) }));
  const json = async (path: string, init?: RequestInit) => {
    const response = await fetch(admin.url + path, { signal: AbortSignal.timeout(WITHIN_MS), ...init });
    return { status: response.status, body: await response.json() };
  };
  const open = building.move();
  return {
    url: admin.url,
    crew,
    async join(worker) {
      const hand = await start(worker);
      crew.onReady?.(hand);
    },
    leave(number) {
      broadcast.leave(number);
      crew.hands = crew.hands.filter((hand) => hand.number !== number);
    },
    json,
    post: (path, body = {}) => json(path, { method: 'POST', body: JSON.stringify(body) }),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

type Errand = { readonly number: number; readonly id: number; readonly what: unknown };

function carryOut(broadcast: Broadcast, { told }: ScriptedWorker, { number, id, what }: Errand): void {
  if (told === undefined) broadcast.undone(number, id);
  else broadcast.done(number, id, told(what));
}

async function openSocket(path: string, { admin }: ScriptedWorker): Promise<AsyncDisposable> {
  const server = createServer(admin ?? ((request) => request.socket.destroy()));
  await bind(server, { kind: 'unix', path });
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An admin API that answers every question with this. */
export function says(body: unknown, status = 200): RequestListener {
  return (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
