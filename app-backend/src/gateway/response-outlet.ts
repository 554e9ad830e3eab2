import type { ServerResponse } from 'node:http';
import { answerFault, standardFields } from '@trivet/kit/http1/answer.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import { passed } from '@trivet/kit/process/buffer-collector.ts';
import type { Fault } from '@trivet/kit/semantics/fault.ts';
import { has, without } from '@trivet/kit/semantics/fields.ts';
import type { OutgoingHead, Outlet } from './delivery.ts';

/** An application that never waits lets everybody else have their turn after so many blocks. */
const blocksPerTurn = 16;

/** The client's side of an exchange on `node:http`. */
export class ResponseOutlet implements Outlet {
  readonly #inbound: Inbound;
  readonly #response: ServerResponse;
  readonly #serverTiming: boolean;
  #blocks = 0;

  constructor(inbound: Inbound, response: ServerResponse, serverTiming: boolean) {
    this.#inbound = inbound;
    this.#response = response;
    this.#serverTiming = serverTiming;
  }

  head({ status, reason, fields }: OutgoingHead): void {
    // One exchange has one id, the one that all the tiers log.
    const own = has(fields, 'x-request-id') ? without(fields, (name) => name === 'x-request-id') : fields;
    const standard = standardFields(this.#inbound, this.#serverTiming ? 'app' : undefined);
    this.#response.writeHead(status, reason, [...own, ...standard]);
  }

  write(block: Uint8Array): void {
    this.#response.write(block);
    passed(block.length);
  }

  ready(): Promise<void> {
    this.#flush();
    this.#blocks += 1;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#response.writableNeedDrain) this.#response.once('drain', resolve);
    else if (this.#blocks % blocksPerTurn === 0) setImmediate(resolve);
    else resolve();
    return promise;
  }

  /** node:http keeps what is written until the event loop turns, and making the next block may take long. */
  #flush(): void {
    if (this.#response.writableCorked > 0) this.#response.uncork();
  }

  end(): void {
    this.#response.end();
  }

  fail(fault: Fault): void {
    answerFault('app-backend', this.#inbound, this.#response, fault);
  }
}
