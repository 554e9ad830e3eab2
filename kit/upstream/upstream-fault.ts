import { type Address, formatAddress } from '../process/units.ts';
import { Fault, type Reason } from '../semantics/fault.ts';

type Phase = 'before-head' | 'mid-body';

/** Codes of Node.js and undici, as reasons. What is not listed broke on our side. */
const reasons: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: 'refused',
  ENOENT: 'refused',
  EACCES: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_NODATA: 'dns',
  ETIMEDOUT: 'timeout-connect',
  UND_ERR_CONNECT_TIMEOUT: 'timeout-connect',
  UND_ERR_HEADERS_TIMEOUT: 'timeout-first-byte',
  UND_ERR_BODY_TIMEOUT: 'timeout-between-bytes',
  UND_ERR_HEADERS_OVERFLOW: 'response-head-too-large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'reset-mid-body',
  ERR_INVALID_CHAR: 'bad-response',
};

/** Nothing was sent when it failed for one of these: another address may be tried, whatever the method. */
const beforeSending: ReadonlySet<Reason> = new Set(['refused', 'unreachable', 'dns', 'timeout-connect']);

/** Did it fail before a byte of the request was sent? */
export function failedToConnect(fault: Fault): boolean {
  return beforeSending.has(fault.reason);
}

function reasonOf(code: string, phase: Phase): Reason {
  const known = reasons[code];
  if (known !== undefined) return known;
  if (code.startsWith('HPE_')) return phase === 'mid-body' ? 'reset-mid-body' : 'bad-response';
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET') {
    return phase === 'mid-body' ? 'reset-mid-body' : 'reset-before-head';
  }
  return 'internal';
}

const sentences: Partial<Record<Reason, string>> = {
  refused: 'refused the connection',
  unreachable: 'cannot be reached',
  dns: 'has no address',
  'timeout-connect': 'did not accept a connection in time',
  'timeout-first-byte': 'did not answer in time',
  'timeout-between-bytes': 'fell silent in the middle of its answer',
  'reset-before-head': 'closed the connection before it answered',
  'reset-mid-body': 'broke off in the middle of its answer',
  'bad-response': 'did not answer in HTTP/1.1',
  'response-head-too-large': 'answered with a head beyond the limit',
};

/** What undici or Node.js threw while `name` was asked at `address`, as a fault with blame. */
export function upstreamFault(cause: unknown, name: string, address: Address, phase: Phase): Fault {
  if (cause instanceof Fault) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason = reasonOf(code, phase);
  const sentence = sentences[reason];
  if (sentence === undefined) return new Fault('internal', 'the request could not be sent', { cause });
  return new Fault(reason, `${name} at ${formatAddress(address)} ${sentence}`, { cause });
}
