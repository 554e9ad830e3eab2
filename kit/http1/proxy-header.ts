/**
 * What a proxy says of the client before the first byte of that client: the PROXY protocol, versions 1 (text) and 2
 * (binary) of HAProxy's `proxy-protocol.txt`, sections 2.1 and 2.2. Pure and total: any bytes have one of five meanings.
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** `length` is that of the header, in bytes: behind it is the client. */
export type ProxyHeader =
  /** The beginning of a header, and no more. */
  | { readonly kind: 'more' }
  /** A client's connection; `unix` and port 0 for one that the proxy had on a Unix socket. */
  | { readonly kind: 'address'; readonly address: string; readonly port: number; readonly length: number }
  /** The proxy speaks for itself: who is connected is who is connected. */
  | { readonly kind: 'local'; readonly length: number }
  /** The proxy does not know for whom it comes: it is connected, but what follows is somebody else's word. */
  | { readonly kind: 'unknown'; readonly length: number }
  | { readonly kind: 'bad'; readonly why: string };

/** With its line end; the longest that a sender may write (section 2.1). */
const longestLine = 107;
const lineStart = Buffer.from('PROXY ');
const lineEnd = Buffer.from('\r\n');

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const fixedBytes = 16;
/** Addresses have 216 bytes at most; the rest are notes of the proxy, which are not read. */
const mostBlock = 4096;

const more: ProxyHeader = { kind: 'more' };

/** Reads the header at the beginning of `bytes`. What cannot become one any more is bad, however little has come. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (beginsAs(bytes, lineStart)) return bytes.length < lineStart.length ? more : readLine(bytes);
  if (!beginsAs(bytes, signature)) return bad('neither version 1 nor version 2 begins so');
  const problem = whyBadStart(bytes);
  if (problem !== undefined) return problem;
  return bytes.length < fixedBytes ? more : readBinary(bytes);
}

function beginsAs(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

function bad(why: string): ProxyHeader {
  return { kind: 'bad', why };
}

/** `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443`, or `PROXY UNKNOWN` and whatever. */
function readLine(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, longestLine).indexOf(lineEnd);
  if (end < 0) return bytes.length < longestLine ? more : bad(`its line has more than ${longestLine} bytes`);
  const length = end + lineEnd.length;
  const [, protocol = '', ...fields] = bytes.toString('latin1', 0, end).split(' ');
  switch (protocol) {
    case 'UNKNOWN':
      return { kind: 'unknown', length };
    case 'TCP4':
      return readFields(fields, isIPv4, length);
    case 'TCP6':
      return readFields(fields, isPlainIPv6, length);
    default:
      return bad('its protocol is none of TCP4, TCP6 and UNKNOWN');
  }
}

/** The address of a zone on the proxy means nothing here. */
function isPlainIPv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

function readFields(fields: readonly string[], isAddress: (text: string) => boolean, length: number): ProxyHeader {
  const [source = '', target = '', sourcePort = '', targetPort = ''] = fields;
  if (fields.length !== 4) return bad('it has not two addresses and two ports');
  if (!isAddress(source) || !isAddress(target)) return bad('an address in it is none of its protocol');
  const port = portOf(sourcePort);
  if (port === undefined || portOf(targetPort) === undefined) return bad('a port in it is no number from 0 to 65535');
  return { kind: 'address', address: canonical(source), port, length };
}

function portOf(text: string): number | undefined {
  const port = /^(?:0|[1-9]\d{0,4})$/.test(text) ? Number(text) : 65_536;
  return port > 65_535 ? undefined : port;
}

/** An IPv6 address as RFC 5952 wants it, so that one client has one name. */
function canonical(address: string): string {
  return isIPv4(address) ? address : new SocketAddress({ address, family: 'ipv6' }).address;
}

/** Of what has come of version, command and protocol: can it be that of a header? */
function whyBadStart(bytes: Buffer): ProxyHeader | undefined {
  const command = bytes[12] ?? 0x20;
  const protocol = bytes[13] ?? 0;
  if (command >> 4 !== 2) return bad(`its version is ${command >> 4}`);
  if ((command & 15) > 1) return bad(`its command is ${command & 15}`);
  const isKnown = protocol >> 4 <= 3 && (protocol & 15) <= 2;
  // Of a connection of the proxy's own the family is ignored, whatever it is.
  if (command === 0x21 && !isKnown) return bad(`its protocol is 0x${protocol.toString(16)}`);
  return undefined;
}

function readBinary(bytes: Buffer): ProxyHeader {
  const block = bytes.readUInt16BE(14);
  const length = fixedBytes + block;
  const isLocal = bytes[12] === 0x20;
  const protocol = bytes[13] ?? 0;
  const least = isLocal ? 0 : leastBlock(protocol);
  if (block > mostBlock) return bad(`it has more than ${mostBlock} bytes of addresses and notes`);
  if (block < least) return bad('it has no room for its addresses');
  if (bytes.length < length) return more;
  if (isLocal) return { kind: 'local', length };
  return least === 0 ? { kind: 'unknown', length } : { ...sourceOf(bytes, protocol >> 4), length };
}

/** How long the addresses of a protocol are; 0 where none are said. Streams and datagrams (QUIC) have the same. */
function leastBlock(protocol: number): number {
  const [family, transport] = [protocol >> 4, protocol & 15];
  return transport === 0 ? 0 : ([0, 12, 36, 216][family] ?? 0);
}

function sourceOf(bytes: Buffer, family: number): { kind: 'address'; address: string; port: number } {
  const at = fixedBytes;
  if (family === 1) {
    return { kind: 'address', address: bytes.subarray(at, at + 4).join('.'), port: bytes.readUInt16BE(at + 8) };
  }
  if (family === 3) return { kind: 'address', address: 'unix', port: 0 };
  const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + 2 * i).toString(16));
  return { kind: 'address', address: canonical(words.join(':')), port: bytes.readUInt16BE(at + 32) };
}
