import type { ServerResponse } from 'node:http';
import { readUpTo, streamOn } from '@trivet/kit/files/stream-file.ts';
import { answerFault, note } from '@trivet/kit/http1/answer.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { endWith } from '@trivet/kit/http1/outlet.ts';
import { passed } from '@trivet/kit/process/buffer-collector.ts';
import type { ExchangeNote } from '@trivet/kit/process/exchange-record.ts';
import type { Fault } from '@trivet/kit/semantics/fault.ts';
import type { FileSource } from './file-source.ts';
import type { ClientOutlet, OutgoingHead } from './outlet.ts';
import { withStandard } from './standard-head.ts';
import { hasTurn } from './turns.ts';

/** Up to here a file is read before its head goes out. */
const SMALL_BYTES = 64 * 1024;

/** The client's side of an exchange on `node:http`. */
export class ResponseOutlet implements ClientOutlet {
  readonly #inbound: Inbound;
  readonly #response: ServerResponse;
  readonly #serverTiming: boolean;
  #blocks = 0;
  #hasFlushed = false;

  constructor(inbound: Inbound, response: ServerResponse, serverTiming: boolean) {
    this.#inbound = inbound;
    this.#response = response;
    this.#serverTiming = serverTiming;
  }

  head({ status, reason, fields }: OutgoingHead): void {
    this.#response.writeHead(status, reason, withStandard(fields, this.#inbound, this.#serverTiming));
  }

  write(block: Uint8Array): void {
    this.#response.write(block);
    passed(block.length);
  }

  get waiting(): number {
    return this.#response.writableLength;
  }

  ready(): Promise<void> | undefined {
    this.#uncork();
    this.#blocks += 1;
    if (!this.#response.writableNeedDrain) return hasTurn(this.#blocks);
    return new Promise((resolve) => void this.#response.once('drain', resolve));
  }

  /** node:http keeps what is written until the event loop turns, and making the next block may take long. */
  #uncork(): void {
    if (this.#response.writableCorked > 0) this.#response.uncork();
  }

  flush(): void {
    // Sends a head that is not sent yet, and nothing else; `flushHeaders` takes the head for UTF-8.
    if (!this.#hasFlushed) this.#response.write('', 'latin1');
    this.#hasFlushed = true;
    this.#uncork();
  }

  async file({ file, first, length }: FileSource, most: number): Promise<number> {
    if (length === undefined || most > SMALL_BYTES) return await streamOn(this.#response, file, { first, most });
    // Head and body in one piece.
    const bytes = await readUpTo(file, first, most);
    if (bytes.length > 0) this.write(bytes);
    return bytes.length;
  }

  end(last?: Buffer): void {
    if (last === undefined) this.#response.end();
    else endWith(this.#response, last);
  }

  fail(fault: Fault): void {
    answerFault('app-backend', this.#inbound, this.#response, fault);
  }

  hint(fields: readonly string[]): void {
    const { headersSent, destroyed } = this.#response;
    if (this.#inbound.version === '1.0' || headersSent || destroyed) return;
    this.#response.writeInformation(103, [...fields]);
  }

  note(extra: ExchangeNote): void {
    note(this.#response, extra);
  }

  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }
}
