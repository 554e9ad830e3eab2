/** The admin API of a tier: its own port, loopback by default, a bearer token everywhere else. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { Counter, type Registry } from 'prom-client';
import type { Tier } from '../semantics/fault.ts';
import { parseAuthority } from '../semantics/host.ts';
import { bind, fdOf } from './bind.ts';
import { underSetting } from './complaint.ts';
import type { Log } from './log.ts';
import { RefusalLog } from './refusal-log.ts';
import { plainAddress } from './trusted-peers.ts';
import { type Address, formatAddress, isLoopback, isLoopbackHost } from './units.ts';

export type Ready = true | string;

export type AdminOptions = {
  readonly tier: Tier;
  readonly listen: Address;
  /** Which says where it listens; none where nobody set that. */
  readonly setting?: string;
  readonly token: string;
  readonly registry: Registry;
  readonly log: Log;
  /** `true`, or why the tier should get no traffic now. */
  ready(): Ready | Promise<Ready>;
  stats(): object | Promise<object>;
  /** The text of `/metrics`; that of the registry where it is not given. */
  metrics?(): Promise<string>;
  /** The settings in force, secrets masked. */
  config(): object;
  /** What this tier has beyond the common routes. */
  routes?(app: Express): void;
};

export type Admin = AsyncDisposable & {
  readonly url: string;
  /** The listening socket. */
  readonly fd: number | undefined;
  /** Takes no more connections; what was asked is answered. */
  letGo(): void;
};

/** Without a token only this machine may ask; anything else is refused before the tier listens. */
export function adminProblem(prefix: string, listen: Address | undefined, token: string | undefined) {
  if (listen === undefined || token === undefined || token !== '' || isLoopback(listen)) return undefined;
  return (
    `${prefix}_ADMIN_LISTEN: ${formatAddress(listen)} is reachable from other machines; ` +
    `set ${prefix}_ADMIN_TOKEN, or listen on 127.0.0.1`
  );
}

/** Listens on the admin address. Errors of Node (EADDRINUSE …) reject. */
export async function openAdmin(options: AdminOptions): Promise<Admin> {
  const server = createServer(adminApp(options));
  const { listen, setting } = options;
  const binding = bind(server, listen, { exclusive: true });
  await (setting === undefined ? binding : underSetting(setting, listen, binding));
  server.on('error', (error) => options.log.error({ err: error }, 'admin listener failed'));
  const port = (server.address() as AddressInfo | null)?.port ?? 0;
  return {
    url: listen.kind === 'unix' ? `unix:${listen.path}` : `http://${formatAddress({ ...listen, port })}`,
    fd: fdOf(server),
    letGo: () => void server.close(),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A purge may name a hundred thousand tags. */
const MOST_BODY_BYTES = 4 * 1024 * 1024;

function adminApp(options: AdminOptions): Express {
  const app = express();
  const refuse = refusing(options);
  app.disable('x-powered-by');
  app.get('/live', (_request, response) => void response.json({ live: true }));
  app.get('/ready', async (_request, response) => {
    const ready = await options.ready();
    if (ready === true) response.json({ ready: true });
    else response.status(503).json({ ready: false, why: ready });
  });
  app.use(
    sameOrigin(refuse),
    options.token === '' ? onlyByLocalName(options.listen, refuse) : bearer(options.token, refuse),
  );
  app.get('/metrics', async (_request, response) => {
    const { registry, metrics = () => registry.metrics() } = options;
    response.type(registry.contentType).send(await metrics());
  });
  app.get('/config', (_request, response) => void response.json(options.config()));
  // The second name is what people look for who come from `stub_status` or `server-status`.
  app.get(['/stats', '/status'], async (_request, response) => void response.json(await options.stats()));
  // Any content type is read as JSON, so that a plain `curl -d` works.
  app.use(express.json({ type: () => true, limit: MOST_BODY_BYTES, strict: true }));
  options.routes?.(app);
  app.use((request, response) => {
    response.status(404).json({ error: `${options.tier} has no ${request.method} ${request.path}` });
  });
  app.use(problem(options.log));
  return app;
}

type Refuse = (request: Request, response: Response, refusal: Refusal) => void;
type Refusal = { readonly status: 401 | 403; readonly reason: 'origin' | 'host' | 'token'; readonly error: string };

/** Who tries what he may not is answered, counted, and logged with his address. */
function refusing({ registry, log }: AdminOptions): Refuse {
  const refused = new Counter({
    name: 'trivet_admin_refusals_total',
    help: 'Requests to the admin API that were refused, by what was wrong with them.',
    labelNames: ['reason'],
    registers: [registry],
  });
  const refusals = new RefusalLog(log);
  return (request, response, { status, reason, error }) => {
    const address = plainAddress(request.socket.remoteAddress ?? 'unix');
    refused.inc({ reason });
    const { method, path } = request;
    refusals.note(address, { client: address, method, path, reason }, `admin request refused: ${error}`);
    response.status(status).json({ error });
  };
}

/** A page in somebody's browser must not purge a cache on the same machine: its requests carry an Origin. */
function sameOrigin(refuse: Refuse): RequestHandler {
  const error = 'requests from pages of other origins are refused';
  return (request, response, next) => {
    const { origin, host } = request.headers;
    if (origin === undefined || origin === `http://${host}`) next();
    else refuse(request, response, { status: 403, reason: 'origin', error });
  };
}

/** Nor under a name of its own that it lets resolve to 127.0.0.1 (DNS rebinding): then Origin and Host agree. */
function onlyByLocalName(listen: Address, refuse: Refuse): RequestHandler {
  const error = 'without a token this API answers to localhost and loopback addresses only';
  return (request, response, next) => {
    const host = parseAuthority(request.headers.host ?? 'localhost')?.host.replace(/^\[|\]$/g, '');
    if (listen.kind === 'unix' || (host !== undefined && isLoopbackHost(host))) return next();
    refuse(request, response, { status: 403, reason: 'host', error });
  };
}

function bearer(token: string, refuse: Refuse): RequestHandler {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(token);
  return (request, response, next) => {
    const [, given = ''] = /^bearer +(.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (timingSafeEqual(digest(given), expected)) return next();
    response.set('WWW-Authenticate', 'Bearer');
    refuse(request, response, { status: 401, reason: 'token', error: 'a bearer token is required' });
  };
}

function problem(log: Log): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const status = typeof error?.status === 'number' ? error.status : 500;
    if (status >= 500) log.error({ err: error, path: request.path }, 'admin request failed');
    if (response.headersSent) return void response.destroy();
    const told =
      status === 413 ? `the body has more than ${MOST_BODY_BYTES} bytes, the most that is read here` : error.message;
    response.status(status).json({ error: status >= 500 ? 'internal error' : String(told) });
  };
}
