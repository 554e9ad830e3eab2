/** Answers for requests that never became one: what the parser refused, and connections beyond the limit. Pure. */
import { errorMessage } from '../semantics/error-message.ts';
import { Fault, type Tier } from '../semantics/fault.ts';
import type { RawHeadSoFar } from './head-watch.ts';
import { type HeadLimits, overflow } from './strictness.ts';
import { methodOf } from './unknown-method.ts';

/** What `node:http` hands to `clientError`. */
export type ParserError = {
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
  readonly message: string;
  readonly rawPacket?: Uint8Array | undefined;
};

export type ParserVerdict =
  | { readonly verdict: 'refuse'; readonly fault: Fault }
  | { readonly verdict: 'ignore'; readonly why: 'behind the last request' }
  | { readonly verdict: 'wait'; readonly why: 'the method may be one that nobody knows' }
  | { readonly verdict: 'close'; readonly why: 'the socket broke' | 'nothing was ever sent' };

type Circumstances = {
  readonly limits: HeadLimits;
  /** What has come of the head that the parser complains of, as far as that is known. */
  readonly head: RawHeadSoFar | undefined;
  /** Has a byte ever come on this connection? */
  readonly hasSpoken: boolean;
  /** Had a head come whole, whose body is still on its way? */
  readonly isInBody: boolean;
};

/** What becomes of a connection whose parser complains? */
export function judgeParserError(error: ParserError, circumstances: Circumstances): ParserVerdict {
  // Bytes behind a request that said `Connection: close` are nobody's (RFC 9112 §9.6).
  if (error.code === 'HPE_CLOSED_CONNECTION') return { verdict: 'ignore', why: 'behind the last request' };
  // Browsers open connections ahead of need; an answer on one would be taken for that to the request they send then.
  if (!circumstances.hasSpoken) return { verdict: 'close', why: 'nothing was ever sent' };
  const ofMethod = methodVerdict(error, circumstances);
  if (ofMethod !== undefined) return ofMethod;
  const fault = refusalOf(error, circumstances);
  return fault ? { verdict: 'refuse', fault } : { verdict: 'close', why: 'the socket broke' };
}

/** A request line that is well-formed but for its method is one that we do not implement (RFC 9110 §9.1). */
function methodVerdict(error: ParserError, { head, isInBody, limits }: Circumstances): ParserVerdict | undefined {
  const isOfHead = error.code?.startsWith('HPE_') && error.code !== 'HPE_PAUSED_H2_UPGRADE' && !isInBody;
  if (head === undefined || !isOfHead || overflow(head, limits)) return undefined;
  switch (methodOf(head)) {
    case 'unknown':
      return { verdict: 'refuse', fault: new Fault('unknown-method', 'the method is not known here') };
    case 'perhaps unknown':
      return { verdict: 'wait', why: 'the method may be one that nobody knows' };
    case 'known':
    case 'malformed':
      return undefined;
  }
}

/** The parser's complaint as a fault of the client; undefined when there is nobody to answer (a broken socket). */
function refusalOf(error: ParserError, { limits, head, isInBody }: Circumstances): Fault | undefined {
  if (isInBody && error.code?.startsWith('HPE_')) {
    return new Fault('bad-framing', error.reason ?? 'the request body is malformed');
  }
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return headTimeout();
    case 'HPE_HEADER_OVERFLOW':
      return overflowFault(head, limits);
    case 'HPE_INVALID_VERSION':
      return error.reason?.startsWith('Invalid HTTP version')
        ? new Fault('bad-version', 'only HTTP/1.0 and HTTP/1.1 are spoken here')
        : new Fault('bad-request', 'the request line is malformed');
    case 'HPE_PAUSED_H2_UPGRADE':
      return new Fault('bad-version', 'HTTP/2 is not spoken here');
    case 'HPE_INVALID_TRANSFER_ENCODING':
    case 'HPE_INVALID_CONTENT_LENGTH':
    case 'HPE_UNEXPECTED_CONTENT_LENGTH':
    case 'HPE_INVALID_CHUNK_SIZE':
      return new Fault('bad-framing', error.reason ?? 'the framing of the message is malformed');
    default:
      return error.code?.startsWith('HPE_') ? new Fault('bad-request', error.reason ?? 'malformed message') : undefined;
  }
}

/** A head has had all the time that it may take. */
export function headTimeout(): Fault {
  return new Fault('head-timeout', 'the request head did not arrive in time');
}

function overflowFault(head: RawHeadSoFar | undefined, limits: HeadLimits): Fault {
  return (head && overflow(head, limits)) ?? new Fault('head-too-large', 'the request head is larger than the limit');
}

/** The whole response as bytes, for a connection on which no request can be answered any more. */
export function refusalBytes(tier: Tier, fault: Fault, requestId: string, now: number): Buffer {
  return errorMessage({ tier, fault, requestId, accept: undefined, own: ['X-Request-Id', requestId], now });
}
