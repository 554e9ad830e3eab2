/** The two ways in which a connection hears that what it sent is not served. */
import { newRequestId } from '../process/request-id.ts';
import type { Fault } from '../semantics/fault.ts';
import { answerFault } from './answer.ts';
import type { Connection, InFlight } from './connection.ts';
import { refusedRecord } from './exchange.ts';
import type { ListenOptions } from './listen-options.ts';
import { refusalBytes } from './refusal.ts';

/** Who has no place may hold one no longer than it takes to hear that. */
const crowdLingerMs = 2_000;

type For = Pick<ListenOptions, 'tier' | 'onExchange'>;

/** Bytes that never became a request are answered behind all that came before them, and the connection closes. */
export function refuse({ tier, onExchange }: For, connection: Connection, fault: Fault): void {
  if (connection.isRefused || connection.isEnding) return;
  const id = newRequestId();
  const bytes = refusalBytes(tier, fault, id, Date.now());
  connection.refuse(bytes, fault.reason === 'too-many-connections' ? crowdLingerMs : undefined);
  onExchange(refusedRecord(connection.peer.address, fault, id, bytes.length));
}

/** The fault becomes the answer of an exchange that has begun, or breaks the answer that is on its way. */
export function refuseInTurn({ tier }: For, connection: Connection, exchange: InFlight, fault: Fault): void {
  connection.markRefused();
  exchange.response.shouldKeepAlive = false;
  answerFault(tier, exchange.inbound, exchange.response, fault);
}
