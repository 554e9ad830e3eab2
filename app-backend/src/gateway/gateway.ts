/**
 * The WSGI gateway of one process: from requests that the listener accepted to the application, and back. Knows nothing of
 * other processes. Who may answer: handlers that are mounted by prefix, upgrades by path, and the application for the rest.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { answerFault, answerPage } from '@trivet/kit/http1/answer.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { Log } from '@trivet/kit/process/log.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { splitQuery } from '@trivet/kit/semantics/target.ts';
import { quotePath } from '../uri.ts';
import type { Application } from '../wsgi.ts';
import { BodySource } from './body-source.ts';
import { discardRest } from './discard-rest.ts';
import { DroppedNames } from './dropped-names.ts';
import { earlyHints } from './early-hints.ts';
import { type EnvironVerdict, environOf, type ServerFacts } from './environ.ts';
import { ErrorLines } from './errors.ts';
import { fileWrapper } from './file-wrapper.ts';
import { Input } from './input.ts';
import { Interruption } from './interruption.ts';
import { handToMount, mountOf, type NodeHandler } from './node-mount.ts';
import type { ClientOutlet } from './outlet.ts';
import { respond } from './respond.ts';
import { ResponseOutlet } from './response-outlet.ts';
import { answerServerWide } from './server-wide.ts';

/** Takes over the socket of a WebSocket handshake; `draining` is aborted when the tier is told to stop. */
export type UpgradeHandler = (
  inbound: Inbound,
  socket: Socket,
  head: Buffer,
  draining: AbortSignal,
) => void | Promise<void>;

/** What a file such as `app.ts` exports. */
export type Site = {
  readonly application: Application;
  readonly mounts: Readonly<Record<string, NodeHandler>>;
  readonly upgrades: Readonly<Record<string, UpgradeHandler>>;
};

export type GatewayOptions = {
  readonly site: Site;
  readonly server: ServerFacts;
  /** Deadline of each request, milliseconds; 0 is none. */
  readonly requestTimeoutMs: number;
  readonly serverTiming: boolean;
  readonly log: Log;
};

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #mounts: Site['mounts'];
  readonly #upgrades: Site['upgrades'];
  readonly #draining = new AbortController();
  readonly #droppedNames: DroppedNames;
  readonly #hasOthers: boolean;
  #requests = 0;

  constructor(options: GatewayOptions) {
    const { site, server } = options;
    this.#options = options;
    this.#droppedNames = new DroppedNames(options.log);
    this.#mounts = under(server.mount, site.mounts);
    this.#upgrades = under(server.mount, site.upgrades);
    this.#hasOthers = Object.keys({ ...this.#mounts, ...this.#upgrades }).length > 0;
  }

  /** Requests so far, finished or not. */
  get requests(): number {
    return this.#requests;
  }

  /** Tells endless answers and upgraded connections to end. */
  drain(): void {
    this.#draining.abort();
  }

  /** Answers one request. What is wrong with it is thrown as a fault; what is wrong with the application is answered. */
  async handle(inbound: Inbound, response: ServerResponse): Promise<void> {
    this.#requests += 1;
    const { serverTiming } = this.#options;
    if (inbound.target === '*') return answerServerWide(inbound, response, serverTiming);
    const prefix = mountOf(this.#mounts, inbound.target);
    const handler = this.#mounts[prefix ?? ''];
    if (prefix !== undefined && handler) {
      const outlet = { onClose: (listener: () => void) => void response.once('close', listener) };
      this.#limit(outlet, (fault) => answerFault('app-backend', inbound, response, fault));
      handToMount(handler, prefix, { inbound, response, serverTiming });
    } else if (this.#upgradeAt(inbound.target)) {
      const fault = new Fault('upgrade-required', 'this path is for WebSocket handshakes');
      answerPage(inbound, response, {
        tier: 'app-backend',
        fault,
        fields: ['Upgrade', 'websocket', 'Connection', 'Upgrade'],
      });
    } else {
      await this.#callApplication(inbound, response);
    }
  }

  /** Hands a WebSocket handshake to whom the site names for its path. */
  async upgrade(inbound: Inbound, socket: Socket, head: Buffer): Promise<void> {
    this.#requests += 1;
    const handler = this.#upgradeAt(inbound.target);
    if (!handler) throw new Fault('not-found', 'nothing here takes a WebSocket');
    await handler(inbound, socket, head, this.#draining.signal);
  }

  /**
   * Begins to answer a plain request (GET or HEAD without a body) of the application. False: it is for somebody else, or
   * there is something wrong with it, and nothing was done.
   */
  serve(inbound: Inbound, outlet: ClientOutlet): boolean {
    if (this.#hasOthers && this.#isForOthers(inbound.target)) return false;
    const course = this.#begin(inbound, outlet);
    if (course.made.verdict !== 'environ') return false;
    this.#requests += 1;
    void this.#run(inbound, outlet, { ...course, made: course.made });
    return true;
  }

  #isForOthers(target: string): boolean {
    return mountOf(this.#mounts, target) !== undefined || this.#upgradeAt(target) !== undefined;
  }

  async #callApplication(inbound: Inbound, response: ServerResponse): Promise<void> {
    const outlet = new ResponseOutlet(inbound, response, this.#options.serverTiming);
    const course = this.#begin(inbound, outlet);
    const { made } = course;
    switch (made.verdict) {
      case 'elsewhere':
        throw new Fault('not-found', `the application is mounted at ${this.#options.server.mount}`);
      case 'bad':
        throw new Fault('bad-request', made.why);
      case 'environ':
        if (inbound.body) discardRest(inbound.body, response);
        await this.#run(inbound, outlet, { ...course, made });
    }
  }

  #begin(inbound: Inbound, outlet: ClientOutlet): Course<EnvironVerdict> {
    const { server, log } = this.#options;
    const interruption = new Interruption();
    const errors = new ErrorLines((line) => log.error({ id: inbound.id, from: 'wsgi.errors' }, line));
    const { body, bodyLength } = inbound;
    const open = () => interruptible(body, interruption);
    const made = environOf(inbound, server, {
      'wsgi.input': new Input({ open, length: body ? bodyLength : 0 }),
      'wsgi.errors': errors,
      'wsgi.file_wrapper': fileWrapper,
      'wsgi.early_hints': earlyHints(outlet),
      'trivet.signal': interruption.signal,
      'trivet.draining': this.#draining.signal,
    });
    return { made, interruption, errors };
  }

  #run(inbound: Inbound, outlet: ClientOutlet, course: Course<Made>): Promise<void> | undefined {
    const { made, interruption, errors } = course;
    if (made.dropped.length > 0) this.#droppedNames.note(made.dropped);
    this.#limit(outlet, (fault) => interruption.interrupt(fault));
    const { site, log } = this.#options;
    const complain = (problem: string, error?: unknown) => {
      outlet.note({ why: problem });
      log.warn({ id: inbound.id, ...(error === undefined ? {} : { err: error }) }, problem);
    };
    const work = respond(site.application, made.environ, { outlet, interruption, complain });
    if (work !== undefined) return attend(work, outlet, course);
    errors.flush();
    return undefined;
  }

  #limit(outlet: Pick<ClientOutlet, 'onClose'>, expire: (fault: Fault) => void): void {
    const { requestTimeoutMs } = this.#options;
    if (requestTimeoutMs === 0) return;
    const message = `the application did not answer in ${requestTimeoutMs}ms`;
    const timer = setTimeout(() => expire(new Fault('timeout-first-byte', message)), requestTimeoutMs);
    outlet.onClose(() => clearTimeout(timer));
  }

  #upgradeAt(target: string): UpgradeHandler | undefined {
    const { path } = splitQuery(target);
    return Object.hasOwn(this.#upgrades, path) ? this.#upgrades[path] : undefined;
  }
}

type Made = Extract<EnvironVerdict, { readonly verdict: 'environ' }>;

/** What one exchange with the application is made of. */
type Course<M extends EnvironVerdict> = {
  readonly made: M;
  readonly interruption: Interruption;
  readonly errors: ErrorLines;
};

/** Sees an exchange to its end that is not over at once. */
async function attend(
  work: Promise<void>,
  outlet: ClientOutlet,
  { interruption, errors }: Course<Made>,
): Promise<void> {
  let isAnswering = true;
  outlet.onClose(() => {
    if (isAnswering) interruption.interrupt(new Fault('client-left', 'the client left'));
  });
  await work;
  isAnswering = false;
  errors.flush();
}

/** A read that waits when the exchange ends must not wait for ever: nobody will close the stream for its sake. */
function interruptible(body: Readable | undefined, interruption: Interruption): AsyncIterator<Uint8Array> {
  const source = new BodySource(body ?? Readable.from([]));
  return { next: () => interruption.wait(source.next()) };
}

function under<T>(mount: string, table: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const prefix = quotePath(mount);
  return Object.fromEntries(Object.entries(table).map(([path, handler]) => [prefix + path, handler]));
}
