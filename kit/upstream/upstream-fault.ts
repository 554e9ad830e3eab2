import { type Address, formatAddress } from '../process/units.ts';
import { Fault, type Reason } from '../semantics/fault.ts';

/** `before-head` includes connecting; `sent`: the connection stood and the request was on its way. */
type Phase = 'before-head' | 'sent' | 'mid-body';

/** Codes of Node.js and undici, as reasons. What is not listed broke on our side. */
const reasons: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: 'refused',
  ENOENT: 'refused',
  // A Unix socket whose backlog is full.
  EAGAIN: 'refused',
  EACCES: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ENOTFOUND: 'dns',
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

/** Is this how connecting fails, before a byte of the request is sent? */
export function failedToConnect(fault: Fault): boolean {
  return beforeSending.has(fault.reason);
}

/** undici has no code of its own for these: a malformed answer, and a 100 or 101 that nobody asked for. */
function isNotTaken({ name, message }: Error): boolean {
  return name === 'HTTPParserError' || message === 'bad response' || message === 'bad upgrade';
}

/** `ECONNRESET` of a connection that had carried bytes of an answer; see `pool.ts`. */
export const resetCode = 'ECONNRESET_READING';

const lostConnection: ReadonlySet<string> = new Set(['ECONNRESET', resetCode, 'EPIPE', 'UND_ERR_SOCKET']);

function reasonOf(error: NodeJS.ErrnoException, phase: Phase): Reason {
  const { code = '' } = error;
  const broken = phase === 'mid-body' ? 'reset-mid-body' : 'reset-before-head';
  const known = code.startsWith('EAI_') ? 'dns' : reasons[code];
  // TCP gives a connection up with the same codes with which it gives up connecting.
  if (known !== undefined && beforeSending.has(known) && phase !== 'before-head') return broken;
  if (known === 'reset-mid-body' || code.startsWith('HPE_') || isNotTaken(error))
    return phase === 'mid-body' ? 'reset-mid-body' : 'bad-response';
  return known ?? (lostConnection.has(code) ? broken : 'internal');
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
  const reason = cause instanceof Error ? reasonOf(cause, phase) : 'internal';
  const sentence = sentences[reason];
  if (sentence === undefined) return new Fault('internal', 'the request could not be sent', { cause });
  return new Fault(reason, `${name} at ${formatAddress(address)} ${sentence}`, { cause });
}
