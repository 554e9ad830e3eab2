/** The body of a request on its way to a Python worker, which takes as much as it asks for and no more. */
import { Readable } from 'node:stream';
import type { HeldBody } from '@trivet/kit/http1/body/held-body.ts';
import { Fault } from '@trivet/kit/semantics/fault.ts';
import { BodySource } from '../gateway/body-source.ts';
import { frame } from './frames.ts';
import type { Slot } from './slot.ts';

/** A body that is here to its end, or one that still comes and may have so many bytes. */
export type RequestBody =
  | { readonly kind: 'here'; readonly body: Buffer | HeldBody }
  | { readonly kind: 'coming'; readonly source: Readable; readonly limit: number };

/** A body of up to so many bytes goes with the head. */
const mostAtOnce = 64 * 1024;

/** Can it be sent once more? */
export function isReplayable(body: RequestBody | undefined): boolean {
  return body === undefined || body.kind === 'here';
}

/** The whole body as frames, where it is small enough to go with the head. */
export function sentAtOnce(body: RequestBody | undefined): Buffer | undefined {
  if (body?.kind !== 'here' || !Buffer.isBuffer(body.body) || body.body.length > mostAtOnce) return undefined;
  return Buffer.concat([frame('D', body.body), frame('E')]);
}

/** One sending of a body that the worker asks for. */
export class Upload {
  readonly #body: RequestBody;
  readonly #slot: Slot;
  readonly #onFault: (fault: unknown) => void;
  #stream: Readable | undefined;
  #source: BodySource | undefined;
  /** What was read and not yet asked for. */
  #rest: Uint8Array | undefined;
  /** How much the worker still takes. */
  #credit = 0;
  #bytes = 0;
  #isPumping = false;
  #isReading = false;
  #isOver = false;

  /** `onFault`: the body does not come to its end. */
  constructor(body: RequestBody, slot: Slot, onFault: (fault: unknown) => void) {
    this.#body = body;
    this.#slot = slot;
    this.#onFault = onFault;
  }

  /** Does the worker wait for bytes that the client has not sent? */
  get isWaitingForClient(): boolean {
    return this.#isReading && this.#body.kind === 'coming';
  }

  /** The worker takes so many bytes more. */
  wants(bytes: number): void {
    this.#credit += bytes;
    if (!this.#isPumping && !this.#isOver) void this.#pump();
  }

  /** Nothing more is sent. */
  stop(): void {
    this.#isOver = true;
    if (this.#body.kind === 'here') this.#stream?.destroy();
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      while (this.#credit > 0 && !this.#isOver) await this.#sendNext();
    } catch (error) {
      if (!this.#isOver) this.#onFault(error);
    }
    this.#isPumping = false;
  }

  async #sendNext(): Promise<void> {
    const piece = this.#rest ?? (await this.#read());
    if (this.#isOver) return;
    if (piece === undefined) return this.#end();
    const sent = piece.subarray(0, Math.min(this.#credit, mostAtOnce));
    this.#rest = sent.length < piece.length ? piece.subarray(sent.length) : undefined;
    this.#credit -= sent.length;
    this.#bytes += sent.length;
    this.#slot.send(sent);
    // Who waits for the end should not have to ask for it.
    if (this.#body.kind === 'here' && this.#bytes === this.#body.body.length) this.#end();
  }

  #end(): void {
    this.#isOver = true;
    this.#slot.sendEnd();
  }

  async #read(): Promise<Uint8Array | undefined> {
    this.#isReading = true;
    const step = await this.#opened().next();
    this.#isReading = false;
    // The worker was not silent while it waited for this.
    this.#slot.touch();
    if (step.done) return undefined;
    this.#refuseTooLarge(step.value.length);
    return step.value;
  }

  #refuseTooLarge(more: number): void {
    const { kind } = this.#body;
    if (kind === 'here' || this.#bytes + more <= this.#body.limit) return;
    throw new Fault('body-too-large', `the request body is larger than the limit of ${this.#body.limit} bytes`);
  }

  #opened(): BodySource {
    this.#stream ??= streamOf(this.#body);
    this.#source ??= new BodySource(this.#stream);
    return this.#source;
  }
}

function streamOf(body: RequestBody): Readable {
  if (body.kind === 'coming') return body.source;
  return Buffer.isBuffer(body.body) ? Readable.from([body.body]) : body.body.open();
}
