/** A WSGI application as a listener of `node:http`: without this server, in Express, in tests. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerFault, noted } from '@trivet/kit/http1/answer.ts';
import { type Inbound, inboundOf } from '@trivet/kit/http1/inbound.ts';
import { peerOf } from '@trivet/kit/http1/peer.ts';
import { judge } from '@trivet/kit/http1/strictness.ts';
import { type Log, logToStderr } from '@trivet/kit/process/log.ts';
import { trustList } from '@trivet/kit/process/trusted-peers.ts';
import { Fault, toFault } from '@trivet/kit/semantics/fault.ts';
import { Gateway } from '../gateway/gateway.ts';
import { pathPrefix, percentDecode } from '../gateway/mount-point.ts';
import type { Application, Latin1 } from '../wsgi.ts';

export type NodeListenerOptions = {
  /** Peers whose forwarding fields are believed, as in `APP_TRUSTED_PROXIES`; nobody by default. */
  readonly trustedProxies?: string;
  /** Path prefix of the application, where no framework in front tells it. */
  readonly mount?: string;
  /** Deadline of each request, milliseconds; 0, the default, is none. */
  readonly requestTimeoutMs?: number;
  /** Where faults go, and what is written to `wsgi.errors`; lines of JSON on standard error by default. */
  readonly log?: Log;
};

export type NodeListener = (request: IncomingMessage, response: ServerResponse) => void;

/** As Express and Connect have it: `url` is what is behind `baseUrl`. */
type MountedRequest = IncomingMessage & { readonly originalUrl?: string; readonly baseUrl?: string };

/** Mounts, each with a gateway of its own; beyond, they are made anew: clients may choose them. */
const mostMounts = 64;

// Sizes are the business of the server that has read the request.
const unlimited = {
  maxHead: Number.POSITIVE_INFINITY,
  maxFields: Number.POSITIVE_INFINITY,
  maxTarget: Number.POSITIVE_INFINITY,
};

/**
 * The application behind any server of `node:http`, by the rules of this server's gateway: its environ, its framing, its
 * errors. Behind Express's `app.use('/mount', …)` the mount is SCRIPT_NAME. @throws Error for options that are wrong.
 */
export function toNodeListener(application: Application, options: NodeListenerOptions = {}): NodeListener {
  const { trustedProxies = '', requestTimeoutMs = 0, log = logToStderr() } = options;
  const trusted = trustList(trustedProxies);
  const mount = pathPrefix(options.mount ?? '');
  if (mount === undefined) throw new Error(`${JSON.stringify(options.mount)} is not a path prefix such as /shop`);
  const gateways = new Map<string, Gateway>();
  const gatewayAt = (request: IncomingMessage, prefix: Latin1) => {
    const { localAddress: host, localPort: port } = request.socket;
    const key = `${host} ${port} ${prefix}`;
    const known = gateways.get(key);
    if (known !== undefined) return known;
    const listensAt = host === undefined || port === undefined ? undefined : { host, port };
    const gateway = new Gateway({
      site: { application, mounts: {}, upgrades: {} },
      server: { listensAt, mount: prefix, isMultiprocess: false },
      ...{ requestTimeoutMs, serverTiming: false, log },
    });
    if (gateways.size >= mostMounts) gateways.clear();
    gateways.set(key, gateway);
    return gateway;
  };
  return (request: MountedRequest, response) => {
    const { target, base } = askedFor(request);
    const inbound = inboundFor(request, target, trusted);
    response.once('close', () => logFault(log, inbound, response));
    const prefix = base === '' ? mount : percentDecode(base);
    void answer(() => gatewayAt(request, prefix), request, { inbound, response });
  };
}

type Exchange = { readonly inbound: Inbound; readonly response: ServerResponse };

async function answer(
  gateway: () => Gateway,
  request: IncomingMessage,
  { inbound, response }: Exchange,
): Promise<void> {
  try {
    refuseOdd(request, inbound);
    await gateway().handle(inbound, response);
  } catch (error) {
    answerFault('app-backend', inbound, response, toFault(error));
  }
}

// Where a framework has cut the mount off, the two together are the target, unless one in front has changed what is left.
function askedFor({ url = '/', originalUrl, baseUrl = '' }: MountedRequest): { target: string; base: string } {
  if (baseUrl === '') return { target: url, base: '' };
  const rest = originalUrl?.startsWith(baseUrl) ? originalUrl.slice(baseUrl.length) : url;
  const asCut = rest.startsWith('/') ? rest : `/${rest}`;
  return { target: baseUrl + (asCut === url ? rest : url), base: baseUrl };
}

function inboundFor(request: IncomingMessage, target: string, trusted: (address: string) => boolean): Inbound {
  const peer = peerOf(request.socket, kindOf(request));
  const judged = judgementOf(request, target);
  const head = judged.verdict === 'accept' ? judged : { target, host: '', fields: request.rawHeaders };
  return inboundOf(request, head, { peer: { ...peer, trusted: trusted(peer.address) }, trusted });
}

function judgementOf({ method = '', httpVersion: version, rawHeaders: fields }: IncomingMessage, target: string) {
  return judge({ method, target, version, fields }, unlimited);
}

/** What this server would refuse, and what nobody can answer any more. @throws Fault */
function refuseOdd(request: IncomingMessage, inbound: Inbound): void {
  const judged = judgementOf(request, inbound.target);
  if (judged.verdict === 'refuse') throw judged.fault;
  if (inbound.body !== undefined && (request.readableEnded || request.readableDidRead)) {
    const cause = new Error('put the listener in front of body parsers, or mount it where they are not');
    throw new Fault('internal', 'the request body was read before the application was asked', { cause });
  }
}

// A client that has left has no address any more, and must not pass for a Unix socket, which may be trusted.
function kindOf({ socket }: IncomingMessage): 'unix' | 'tcp' {
  const { server } = socket as { readonly server?: { address?(): unknown } };
  return typeof server?.address?.() === 'string' ? 'unix' : 'tcp';
}

function logFault(log: Log, { id, method, target }: Inbound, response: ServerResponse): void {
  const fault = noted(response)?.fault;
  if (fault !== undefined && fault.blame !== 'client') log.error({ id, method, target, err: fault }, fault.message);
}
