import type { ExchangeNote } from '@trivet/kit/process/exchange-record.ts';
import type { Fault } from '@trivet/kit/semantics/fault.ts';
import type { FileSource } from './file-source.ts';

/** `fields`: name, value, name, value …, as they go out; the server's own fields are added by the outlet. */
export type OutgoingHead = { readonly status: number; readonly reason: string; readonly fields: readonly string[] };

/** What an answer is written into. */
export interface Outlet {
  /** Goes out with what comes next. */
  head(head: OutgoingHead): void;
  write(block: Uint8Array): void;
  /** Sends what was written, be it a head alone. */
  flush(): void;
  /** Sends what was written; the promise resolves when there is room for the next block. Undefined: there is room. */
  ready(): Promise<void> | undefined;
  /** Sends at most `most` bytes that lie in a file, as `write` and `ready` would; how many there were. */
  file?(source: FileSource, most: number): Promise<number>;
  end(): void;
  /** An error page, or a broken transfer when the head is out. */
  fail(fault: Fault): void;
}

/** The client's side of an exchange, in whichever lane it is. */
export interface ClientOutlet extends Outlet {
  /** Bytes of the answer that are written and that the system has not taken. */
  readonly waiting: number;
  /** `last`: the last block, which goes out in one piece with what is not sent yet. */
  end(last?: Buffer): void;
  /** Sends a 103 ahead of the answer (RFC 8297); nothing to HTTP/1.0, and nothing once the head is out. */
  hint(fields: readonly string[]): void;
  /** Adds to what the log line of this exchange will say. */
  note(extra: ExchangeNote): void;
  /** Calls once when this side is over: all of the answer is sent, it was broken off, or the client has left. */
  onClose(listener: () => void): void;
}
