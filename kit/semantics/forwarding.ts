// Who asked, by which name and scheme, told from hop to hop: X-Forwarded-* and Forwarded (RFC 7239), always written
// together so that they never tell two stories. Only a trusted peer's word is passed on; anybody else's is replaced.
import { type Fields, field, without } from './fields.ts';
import { ipAddress } from './ip-address.ts';
import { isToken, parameters, splitList } from './list.ts';
import { remembered } from './remembered.ts';

/** The connection a request came by: `peer` is an address or `unix`, `host` as received. */
export type Hop = {
  readonly peer: string;
  readonly trusted: boolean;
  readonly scheme: 'http' | 'https';
  readonly host: string;
};

/** The forwarding fields for the next hop, complete: they replace all that `isForwarding`. RFC 7239 §4. */
export function forwardingFields(inbound: Fields, hop: Hop): string[] {
  const told = hop.trusted ? readTold(inbound) : nothingTold;
  const peer = peerAddress(hop.peer);
  const scheme = told.scheme ?? hop.scheme;
  const fields = [...told.others];
  const add = (name: string, value: string): void => {
    if (value !== '') fields.push(name, value);
  };
  // A Unix socket has no address to add; in Forwarded its hop is counted as unknown (RFC 7239 §6.2).
  add('X-Forwarded-For', joined(told.addresses, peer));
  add('X-Forwarded-Proto', scheme);
  add('X-Forwarded-Host', told.host ?? hop.host);
  add('Forwarded', joined(told.forwarded, element(peer, hop.host, scheme)));
  return fields;
}

/**
 * The address of the client: right to left along the hops claimed, as far as each hop that claims is trusted. What is no
 * address ends the walk at the last good one; `unix` when the peer is a Unix socket and says nothing.
 */
export function clientAddress(fields: Fields, peer: string, isTrusted: (address: string) => boolean): string {
  let client = ipAddress(peer) ?? peer;
  for (const claimed of claimedAddresses(fields).reverse()) {
    if (claimed === undefined || !isTrusted(client)) return client;
    client = claimed;
  }
  return client;
}

/** The elements of a Forwarded field, first hop first; parameter names in lower case. RFC 7239 §4. */
export function forwardedElements(value: string): Map<string, string>[] {
  return splitList(value).map((member) => parameters(`;${member}`).parameters);
}

/** Of those who are connected; each asks more than once. */
const peerAddress = remembered(ipAddress, 1000);

type Told = {
  readonly addresses: string;
  readonly forwarded: string;
  readonly scheme: string | undefined;
  readonly host: string | undefined;
  readonly others: readonly string[];
};

const nothingTold: Told = { addresses: '', forwarded: '', scheme: undefined, host: undefined, others: [] };

function readTold(inbound: Fields): Told {
  const addresses = field(inbound, 'x-forwarded-for') ?? '';
  const forwarded = closedQuotes(field(inbound, 'forwarded') ?? '');
  const nearest = forwardedElements(forwarded).at(-1);
  return {
    addresses: addresses === '' ? addressesOf(forwarded) : addresses,
    forwarded: forwarded === '' ? elementsOf(addresses) : forwarded,
    scheme: field(inbound, 'x-forwarded-proto') ?? nearest?.get('proto'),
    host: field(inbound, 'x-forwarded-host') ?? nearest?.get('host'),
    others: without(inbound, (name) => !isForwarding(name) || rewritten.has(name) || name.includes('_')),
  };
}

const rewritten: ReadonlySet<string> = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

/** Is it a claim about the hops before: X-Forwarded-*, X-Real-IP, Forwarded? */
export function isForwarding(lowerName: string): boolean {
  // Underscores too: in a WSGI environ X_Forwarded_For and X-Forwarded-For are one variable (PEP 3333, CGI naming).
  return lowerName === 'forwarded' || /^x[-_](?:real[-_]ip$|forwarded[-_])/.test(lowerName);
}

// An open quote would swallow the element that this hop appends.
function closedQuotes(forwarded: string): string {
  return /^(?:[^"]|"(?:[^"\\]|\\.)*")*$/.test(forwarded) ? forwarded : '';
}

function claimedAddresses(fields: Fields): (string | undefined)[] {
  const addresses = field(fields, 'x-forwarded-for') ?? '';
  const claims = addresses === '' ? addressesOf(field(fields, 'forwarded') ?? '') : addresses;
  return splitList(claims).map(ipAddress);
}

// A hop without an address keeps its place in the chain, so that the walk stops at it in either field.
function addressesOf(forwarded: string): string {
  return forwardedElements(forwarded)
    .map((hop) => ipAddress(hop.get('for') ?? '') ?? 'unknown')
    .join(', ');
}

function elementsOf(addresses: string): string {
  return splitList(addresses)
    .map((address) => element(ipAddress(address), '', ''))
    .join(', ');
}

function element(address: string | undefined, host: string, scheme: string): string {
  const node = address?.includes(':') ? `[${address}]` : (address ?? 'unknown');
  const pairs = [`for=${tokenOrQuoted(node)}`];
  if (host !== '') pairs.push(`host=${tokenOrQuoted(host)}`);
  if (scheme !== '') pairs.push(`proto=${tokenOrQuoted(scheme)}`);
  return pairs.join(';');
}

function tokenOrQuoted(text: string): string {
  return isToken(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function joined(before: string, own: string | undefined): string {
  if (own === undefined) return before;
  return before === '' ? own : `${before}, ${own}`;
}
