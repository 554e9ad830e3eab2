/**
 * What `node:http` lets through and a server that stands in front of others must not (RFC 9112 §3, §6, §7; RFC 9110
 * §7.2): pure, asked once per request, before anything acts on it. What the parser itself refuses is in `refusal.ts`.
 */
import { Fault } from '../semantics/fault.ts';
import { type Fields, field, has, lines, withField } from '../semantics/fields.ts';
import { forbiddenConnectionNames } from '../semantics/hop-by-hop.ts';
import { parseAuthority } from '../semantics/host.ts';
import { parseTarget, type Target } from '../semantics/target.ts';
import type { RawHeadSoFar } from './head-watch.ts';

/** Limits of a request head: bytes, lines, bytes. */
export type HeadLimits = { readonly maxHead: number; readonly maxFields: number; readonly maxTarget: number };

export type RawHead = {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly fields: Fields;
  /** What it looked like; without it, what the parser made equal is not told apart, and sizes are reckoned. */
  readonly raw?: RawHeadSoFar | undefined;
};

export type Judgement =
  | { readonly verdict: 'accept'; readonly target: string; readonly host: string; readonly fields: Fields }
  | { readonly verdict: 'refuse'; readonly fault: Fault };

/** Why a request is refused that came as a socket: CONNECT and upgrades do (node:http). */
export function faultOf(judgement: Judgement): Fault {
  return judgement.verdict === 'refuse' ? judgement.fault : new Fault('bad-request', 'malformed request');
}

/** Is this request one that may be acted on and passed on? */
export function judge(head: RawHead, limits: HeadLimits): Judgement {
  const fault = tooLarge(head, limits) ?? malformed(head);
  if (fault) return { verdict: 'refuse', fault };
  const target = parseTarget(head.method, head.target);
  if (target.form === 'bad' || target.form === 'authority') {
    const why = target.form === 'bad' ? target.why : 'only CONNECT takes host:port';
    return { verdict: 'refuse', fault: new Fault('bad-request', `bad request target: ${why}`) };
  }
  return withHost(head, target);
}

function malformed(head: RawHead): Fault | undefined {
  return badVersion(head) ?? badLine(head) ?? badMethod(head) ?? badFraming(head) ?? badOption(head);
}

/** Is a head beyond the limits already, though not all of it has come? */
export function overflow({ line, isLineWhole, bytes }: RawHeadSoFar, limits: HeadLimits): Fault | undefined {
  const begin = line.indexOf(' ') + 1;
  // Of a line that goes on, the end may belong to the version.
  const end = isLineWhole ? line.lastIndexOf(' ') : line.length - ' HTTP/1.1'.length;
  if (end - begin > limits.maxTarget) {
    return new Fault('target-too-long', `the request target is longer than the limit of ${limits.maxTarget} bytes`);
  }
  if (bytes <= limits.maxHead) return undefined;
  return new Fault('head-too-large', `the request head is larger than the limit of ${limits.maxHead} bytes`);
}

function tooLarge({ method, target, fields, raw }: RawHead, limits: HeadLimits): Fault | undefined {
  if (target.length > limits.maxTarget) {
    return new Fault(
      'target-too-long',
      `the request target has ${target.length} bytes, the limit is ${limits.maxTarget}`,
    );
  }
  const count = fields.length / 2;
  if (count > limits.maxFields) {
    return new Fault('too-many-fields', `the request has more than ${limits.maxFields} fields`);
  }
  const bytes = raw?.bytes ?? reckoned(method, target, fields);
  if (bytes <= limits.maxHead) return undefined;
  return new Fault('head-too-large', `the request head has ${bytes} bytes, the limit is ${limits.maxHead}`);
}

/** `METHOD target HTTP/1.1` CRLF, each field with `: ` and CRLF, and the empty line. */
function reckoned(method: string, target: string, fields: Fields): number {
  let bytes = method.length + target.length + 14;
  for (const text of fields) bytes += text.length + 2;
  return bytes;
}

function badVersion({ version }: RawHead): Fault | undefined {
  if (version === '1.1' || version === '1.0') return undefined;
  if (version === '0.9') return new Fault('bad-request', 'HTTP/0.9 is not spoken here');
  return new Fault('bad-version', `HTTP/${version} is not spoken here`);
}

/** One blank between the parts, HTTP and no other protocol, one empty line before it at most (RFC 9112 §2.2, §3). */
function badLine({ method, target, version, raw }: RawHead): Fault | undefined {
  if (raw === undefined) return undefined;
  if (raw.before !== '' && raw.before !== '\r\n') {
    return new Fault('bad-request', 'one empty line may come before a request, no more');
  }
  if (raw.line === `${method} ${target} HTTP/${version}`) return undefined;
  return new Fault('bad-request', 'the request line is malformed');
}

/** A tunnel through us (CONNECT) or our credentials mirrored (TRACE) is nobody's wish on a server. */
function badMethod({ method }: RawHead): Fault | undefined {
  if (method !== 'CONNECT' && method !== 'TRACE') return undefined;
  return new Fault('method-not-allowed', `${method} is not served`);
}

/** Two hops that read one message's length differently are request smuggling (RFC 9112 §6.3, §11.2). */
function badFraming({ fields, version }: RawHead): Fault | undefined {
  const codings = lines(fields, 'transfer-encoding');
  const lengths = lines(fields, 'content-length');
  const why = badLength(lengths);
  if (why !== undefined) return new Fault('bad-framing', why);
  if (codings.length === 0) return undefined;
  if (version === '1.0') return new Fault('bad-framing', 'HTTP/1.0 has no Transfer-Encoding');
  if (lengths.length > 0) return new Fault('bad-framing', 'Content-Length and Transfer-Encoding exclude each other');
  const coding = codings.join(',').toLowerCase().trim();
  if (coding === 'chunked') return undefined;
  if (/(^|,)\s*(,|$)/.test(coding) || /chunked\s*,/.test(coding)) {
    return new Fault('bad-framing', 'Transfer-Encoding is malformed');
  }
  return new Fault('unknown-coding', 'only the transfer coding chunked is understood');
}

function badLength(lengths: readonly string[]): string | undefined {
  const [length] = lengths;
  if (length === undefined) return undefined;
  if (lengths.length > 1) return 'Content-Length is given more than once';
  if (!/^\d+$/.test(length)) return 'Content-Length is not a number';
  return Number(length) > Number.MAX_SAFE_INTEGER ? 'Content-Length is more than can be counted' : undefined;
}

function badOption({ fields }: RawHead): Fault | undefined {
  const [named] = forbiddenConnectionNames(fields);
  if (named !== undefined) return new Fault('bad-request', `Connection may not name ${named}`);
  const expectation = field(fields, 'expect');
  if (expectation === undefined || expectation.toLowerCase() === '100-continue') return undefined;
  return new Fault('bad-expectation', 'the only expectation that can be met is 100-continue');
}

type GoodTarget = Exclude<Target, { form: 'bad' } | { form: 'authority' }>;

/** Exactly one valid Host; an absolute target's authority replaces it (RFC 9112 §3.2, §3.2.2). */
function withHost({ fields, version }: RawHead, target: GoodTarget): Judgement {
  const hosts = lines(fields, 'host');
  const fault = badHost(hosts, version);
  if (fault) return { verdict: 'refuse', fault };
  switch (target.form) {
    case 'origin':
      return { verdict: 'accept', target: target.path, host: hosts[0] ?? '', fields };
    case 'asterisk':
      return { verdict: 'accept', target: '*', host: hosts[0] ?? '', fields };
    case 'absolute': {
      const { authority, path } = target;
      return { verdict: 'accept', target: path, host: authority, fields: withField(fields, 'Host', authority) };
    }
  }
}

function badHost(hosts: readonly string[], version: string): Fault | undefined {
  if (hosts.length > 1) return new Fault('bad-host', 'Host is given more than once');
  const [host] = hosts;
  if (host === undefined) return version === '1.1' ? new Fault('bad-host', 'Host is missing') : undefined;
  return parseAuthority(host) ? undefined : new Fault('bad-host', 'Host is not a valid host and port');
}

/** Does it ask for another protocol on this connection? (RFC 9110 §7.8) */
export function asksForUpgrade(fields: Fields): boolean {
  return has(fields, 'upgrade') && connectionOptions(fields).includes('upgrade');
}

/** A WebSocket handshake by its fields alone (RFC 6455 §4.1). Other upgrades (h2c) are never taken: they smuggle. */
export function asksForWebSocket(fields: Fields): boolean {
  if (field(fields, 'upgrade')?.trim().toLowerCase() !== 'websocket') return false;
  return connectionOptions(fields).includes('upgrade');
}

function connectionOptions(fields: Fields): string[] {
  const options = field(fields, 'connection')?.toLowerCase().split(',') ?? [];
  return options.map((option) => option.trim());
}

/** Does the message announce a body? (RFC 9112 §6.3) */
export function announcesBody(fields: Fields): boolean {
  if (has(fields, 'transfer-encoding')) return true;
  const length = field(fields, 'content-length');
  return length !== undefined && length !== '0';
}
