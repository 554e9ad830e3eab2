/**
 * What may become a tunnel, and with which fields the two heads travel (RFC 9110 §7.8, RFC 6455 §4). Behind a 101 no
 * hop reads HTTP any more, so whatever could make two hops disagree about where the tunnel begins is refused here: a
 * body in front of it, another protocol than WebSocket, a 101 that does not switch.
 */
import { Fault } from '../semantics/fault.ts';
import { entries, type Fields, field, has, lines, without } from '../semantics/fields.ts';
import { connectionNames, endToEnd } from '../semantics/hop-by-hop.ts';
import { splitList } from '../semantics/list.ts';

export type UpgradeRequest = { readonly method: string; readonly version: string; readonly fields: Fields };

export type UpgradeVerdict =
  | { readonly verdict: 'tunnel' }
  | { readonly verdict: 'refuse'; readonly why: 'not a handshake' | 'body'; readonly fault: Fault };

/** May this request open a tunnel? RFC 6455 §4.2.1. */
export function judgeUpgrade({ method, version, fields }: UpgradeRequest): UpgradeVerdict {
  const isHandshake = method === 'GET' && version === '1.1' && asksForWebSocket(fields);
  if (!isHandshake) {
    const fault = new Fault('bad-request', 'only a GET with HTTP/1.1 may ask for a WebSocket');
    return { verdict: 'refuse', why: 'not a handshake', fault };
  }
  if (carriesBody(fields)) {
    const fault = new Fault('bad-framing', 'an upgrade request may not have a body');
    return { verdict: 'refuse', why: 'body', fault };
  }
  return { verdict: 'tunnel' };
}

function asksForWebSocket(fields: Fields): boolean {
  return connectionNames(fields).has('upgrade') && protocols(fields).includes('websocket');
}

/** A body that this hop skips and the next one reads, or the other way round, hides a request (RFC 9112 §11.2). */
function carriesBody(fields: Fields): boolean {
  const lengths = lines(fields, 'content-length');
  return field(fields, 'transfer-encoding') !== undefined || lengths.length > 1 || (lengths[0] ?? '0') !== '0';
}

function protocols(fields: Fields): string[] {
  return splitList(field(fields, 'upgrade') ?? '').map((protocol) => protocol.toLowerCase());
}

/**
 * Did the upstream switch to WebSocket and to nothing else? A bare 101, such as an application may be talked into by a
 * crafted request, leaves the upstream reading HTTP: what the client sends next would be requests nobody checked.
 */
export function switchesToWebSocket(answer: Fields): boolean {
  return connectionNames(answer).has('upgrade') && protocols(answer).join() === 'websocket';
}

const ownedByTheHop = new Set(['connection', 'upgrade', 'transfer-encoding', 'content-length']);

const switching = ['Connection', 'Upgrade', 'Upgrade', 'websocket'];

/** The fields of the request to the next hop: those given, and one wish for one protocol. */
export function handshakeFields(given: Fields): string[] {
  return [...without(given, (name) => ownedByTheHop.has(name)), ...switching];
}

/** The fields of the 101 to the client; it has no content, so nothing may announce one (RFC 9110 §8.6, §15.2.2). */
export function switchedFields(answer: Fields, own: Fields): string[] {
  return [...without(withOwn(endToEnd(answer), own), (name) => ownedByTheHop.has(name)), ...switching];
}

/**
 * The fields of any other answer. What would end with the connection is framed in chunks instead, for otherwise a cut
 * could not be told from the end (RFC 9112 §8).
 */
export function answeredFields(answer: Fields, own: Fields): string[] {
  const fields = withOwn(endToEnd(answer), own);
  const coding = field(answer, 'transfer-encoding');
  if (coding === undefined) return has(answer, 'content-length') ? fields : [...fields, 'Transfer-Encoding', 'chunked'];
  const isChunked = splitList(coding).at(-1)?.toLowerCase() === 'chunked';
  return [...fields, 'Transfer-Encoding', isChunked ? coding : `${coding}, chunked`];
}

/** Every hop adds a member, or a line of its own, to these; of all other fields there is one, and the later hop knows better. */
const appendedByEveryHop = new Set(['via', 'server-timing', 'cache-status', 'proxy-status', 'set-cookie']);

function withOwn(answer: Fields, own: Fields): string[] {
  const replaced = new Set<string>();
  for (const [name] of entries(own)) {
    if (!appendedByEveryHop.has(name.toLowerCase())) replaced.add(name.toLowerCase());
  }
  return [...without(answer, (name) => replaced.has(name)), ...own];
}
