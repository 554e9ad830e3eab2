/**
 * From a request to the environ of PEP 3333 ("environ Variables"). Pure: the streams come ready-made. Names follow CGI
 * (RFC 3875 §4.1); a field name with an underscore is left out, because `X_Forwarded_For` and `X-Forwarded-For` would
 * be one variable, and a proxy in front that guards one lets the other through.
 */
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { Address } from '@trivet/kit/process/units.ts';
import { type Fields, lines } from '@trivet/kit/semantics/fields.ts';
import { parseAuthority } from '@trivet/kit/semantics/host.ts';
import { splitQuery } from '@trivet/kit/semantics/target.ts';
import type { Environ, Latin1 } from '../wsgi.ts';
import { forwardingContradiction } from './forwarding-check.ts';
import { behind, pathPrefix, percentDecode } from './mount-point.ts';

type Place = { readonly host: string; readonly port: number };

/** What is the same for every request of a process. */
export type ServerFacts = {
  /** Where this server listens; undefined on a Unix socket, where the request's Host stands in. */
  readonly listensAt: Place | undefined;
  /** The same of its other addresses. */
  readonly alsoAt?: readonly (Place | undefined)[];
  /** The prefix that the application is mounted at, decoded; '' for the root. */
  readonly mount: Latin1;
  readonly isMultiprocess: boolean;
};

/** Where this server listens, of addresses whose first one comes first. */
export function listeningAt(addresses: readonly Address[]): Pick<ServerFacts, 'listensAt' | 'alsoAt'> {
  const [listensAt, ...alsoAt] = addresses.map((address) => (address.kind === 'tcp' ? address : undefined));
  return { listensAt, alsoAt };
}

/** What an environ holds beside text. */
export type Services = Pick<
  Environ,
  'wsgi.input' | 'wsgi.errors' | 'wsgi.file_wrapper' | 'wsgi.early_hints' | 'trivet.signal' | 'trivet.draining'
>;

type Verdict<E> =
  | { readonly verdict: 'environ'; readonly environ: E; readonly dropped: readonly string[] }
  | { readonly verdict: 'elsewhere' }
  | { readonly verdict: 'bad'; readonly why: string };

export type EnvironVerdict = Verdict<Environ>;

/** What of an environ is no service. */
export type Variables = Readonly<Record<string, unknown>>;

const noServices: Services = Object.freeze(Object.create(null));

/** The environ of a request; or it is not for this application, or it contradicts itself. */
export function environOf(inbound: Inbound, server: ServerFacts, services: Services): EnvironVerdict {
  return madeOf(inbound, server, services);
}

/** The same without services: for an application in a process of another language. */
export function variablesOf(inbound: Inbound, server: ServerFacts): Verdict<Variables> {
  const made = madeOf(inbound, server, noServices);
  // To the compiler an interface is no record.
  return made.verdict === 'environ' ? { ...made, environ: Object(made.environ) } : made;
}

function madeOf(inbound: Inbound, server: ServerFacts, services: Services): EnvironVerdict {
  const { path, query = '' } = splitQuery(inbound.target);
  const rest = behind(server.mount, percentDecode(path));
  if (rest === undefined) return { verdict: 'elsewhere' };
  const forwarded = inbound.peer.trusted ? forwardedPrefix(inbound.fields) : '';
  const why = forwarded === undefined ? 'X-Forwarded-Prefix is not a path' : contradiction(inbound);
  if (why !== undefined) return { verdict: 'bad', why };
  const { name, port } = serverNames(inbound, server);
  // One literal: an object put together from several leaves kilobytes behind.
  const environ: Environ & { __proto__: null } = {
    __proto__: null,
    REQUEST_METHOD: inbound.method,
    SCRIPT_NAME: `${forwarded}${server.mount}`,
    PATH_INFO: rest,
    QUERY_STRING: query,
    SERVER_NAME: name,
    SERVER_PORT: port,
    SERVER_PROTOCOL: `HTTP/${inbound.version}`,
    REMOTE_ADDR: inbound.client === 'unix' ? '' : inbound.client,
    RAW_URI: inbound.target,
    REQUEST_URI: inbound.target,
    'wsgi.version': [1, 0],
    'wsgi.url_scheme': inbound.scheme,
    'wsgi.multithread': false,
    'wsgi.multiprocess': server.isMultiprocess,
    'wsgi.run_once': false,
    'wsgi.input_terminated': true,
    'trivet.peer_addr': inbound.peer.address,
    'kit.peer_addr': inbound.peer.address,
    'trivet.request_id': inbound.id,
    ...services,
  };
  // The port is the peer's; of a client behind proxies none is known.
  if (inbound.client === inbound.peer.address && inbound.peer.port > 0) environ.REMOTE_PORT = String(inbound.peer.port);
  return { verdict: 'environ', environ, dropped: addFields(environ, inbound.fields) };
}

/**
 * The prefix that a proxy took off the path; '' for none, undefined when what it says is no path, or is said twice: one of
 * the two may be the client's.
 */
export function forwardedPrefix(fields: Fields): Latin1 | undefined {
  const [value, second] = lines(fields, 'x-forwarded-prefix');
  if (value === undefined) return '';
  return second === undefined ? pathPrefix(value) : undefined;
}

function contradiction({ fields, peer }: Inbound): string | undefined {
  if (lines(fields, 'content-type').length > 1) return 'Content-Type is given more than once';
  return peer.trusted ? forwardingContradiction(fields) : undefined;
}

/** Neither may be empty. PEP 3333, "environ Variables". */
function serverNames({ host, scheme, peer }: Inbound, server: ServerFacts) {
  const listensAt = peer.at === undefined ? server.listensAt : server.alsoAt?.[peer.at - 1];
  if (listensAt) return { name: listensAt.host, port: String(listensAt.port) };
  const authority = parseAuthority(host);
  const port = authority?.port ?? (scheme === 'https' ? 443 : 80);
  return { name: authority?.host ?? 'localhost', port: String(port) };
}

/** Adds one variable per field name and returns the names that were left out. */
function addFields(environ: Environ, fields: Fields): string[] {
  const dropped: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] ?? '';
    const value = fields[i + 1] ?? '';
    const variable = variableOf(name);
    if (variable === undefined) dropped.push(name);
    else environ[variable] = joined(variable, environ[variable], value);
  }
  return dropped;
}

type FieldVariable = `HTTP_${string}` | 'CONTENT_TYPE' | 'CONTENT_LENGTH';

function joined(variable: FieldVariable, before: Latin1 | undefined, value: string): string {
  if (before === undefined) return value;
  // RFC 6265 §5.4: cookies are joined as one Cookie field has them.
  return `${before}${variable === 'HTTP_COOKIE' ? '; ' : ', '}${value}`;
}

const variables = new Map<string, FieldVariable | undefined>();
/** Names come from clients: past this many the rest is computed anew each time. */
const mostVariables = 500;

function variableOf(name: string): FieldVariable | undefined {
  if (variables.has(name)) return variables.get(name);
  const variable = cgiName(name);
  if (variables.size < mostVariables) variables.set(name, variable);
  return variable;
}

function cgiName(name: string): FieldVariable | undefined {
  if (name.includes('_')) return undefined;
  const upper = name.toUpperCase().replaceAll('-', '_');
  return upper === 'CONTENT_TYPE' || upper === 'CONTENT_LENGTH' ? upper : `HTTP_${upper}`;
}
