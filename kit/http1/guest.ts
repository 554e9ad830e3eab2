import type { Address } from '../process/units.ts';
import type { Fault } from '../semantics/fault.ts';
import type { Inbound } from './inbound.ts';

/** Who is on a client's socket; as long as that is open. */
export type Guest = {
  /** By the PROXY protocol where that was spoken. */
  readonly peer: Inbound['peer'];
  /** Of the socket itself, whoever is behind it. */
  readonly kind: Address['kind'];
  /** What was read from the socket before the first byte of HTTP. */
  readonly prefaceBytes: number;
  /** Why it is let in only to hear that it is not served. */
  readonly refusal: Fault | undefined;
  /** Another protocol is spoken on it, by rules of its own. */
  isTunnel: boolean;
};
