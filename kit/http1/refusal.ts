/** Answers for requests that never became one: what the parser refused, and connections beyond the limit. Pure. */
import { errorMessage } from '../semantics/error-message.ts';
import { Fault, type Tier } from '../semantics/fault.ts';

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
  | { readonly verdict: 'close'; readonly why: 'the socket broke' | 'nothing was ever sent' };

type Circumstances = {
  readonly maxTarget: number;
  /** Has any byte ever come on this connection? */
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
  const fault = refusalOf(error, circumstances);
  return fault ? { verdict: 'refuse', fault } : { verdict: 'close', why: 'the socket broke' };
}

/** The parser's complaint as a fault of the client; undefined when there is nobody to answer (a broken socket). */
function refusalOf(error: ParserError, { maxTarget, isInBody }: Circumstances): Fault | undefined {
  if (isInBody && error.code?.startsWith('HPE_')) {
    return new Fault('bad-framing', error.reason ?? 'the request body is malformed');
  }
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return headTimeout();
    case 'HPE_HEADER_OVERFLOW':
      return overflow(error.rawPacket, maxTarget);
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

/** Was it the request line that did not end where it should have, or the fields behind it? */
function overflow(packet: Uint8Array | undefined, maxTarget: number): Fault {
  const lineEnd = packet?.indexOf(0x0a) ?? 0;
  return lineEnd < 0 || lineEnd > maxTarget
    ? new Fault('target-too-long', `the request target is longer than the limit of ${maxTarget} bytes`)
    : new Fault('head-too-large', 'the request head is larger than the limit');
}

/** The whole response as bytes, for a connection on which no request can be answered any more. */
export function refusalBytes(tier: Tier, fault: Fault, requestId: string, now: number): Buffer {
  return errorMessage({ tier, fault, requestId, accept: undefined, own: ['X-Request-Id', requestId], now });
}
