/** One request on one connection: undici's handler, translated into a sink's events. */
import type { Dispatcher } from 'undici';
import type { Fault } from '../semantics/fault.ts';
import type { Fields } from '../semantics/fields.ts';
import { hitReusedConnection, type Member } from './member.ts';
import type { ResponseSink } from './upstream.ts';
import { upstreamFault } from './upstream-fault.ts';

export type Failure = { readonly fault: Fault; readonly beforeHead: boolean; readonly onReusedConnection: boolean };

export class Attempt implements Dispatcher.DispatchHandler {
  readonly #name: string;
  readonly #member: Member;
  readonly #sink: ResponseSink;
  readonly #onFailure: (failure: Failure) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #abortReason: Error | undefined;
  #hasBytes = false;
  #hasHead = false;

  constructor(name: string, member: Member, sink: ResponseSink, onFailure: (failure: Failure) => void) {
    this.#name = name;
    this.#member = member;
    this.#sink = sink;
    this.#onFailure = onFailure;
    member.inFlight++;
  }

  resume(): void {
    this.#controller?.resume();
  }

  /** The client left: ends the request wherever it is; the sink hears nothing more. */
  abort(reason: Error): void {
    if (this.#abortReason) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Aborted while it waited for a connection.
    if (this.#abortReason) controller.abort(this.#abortReason);
  }

  onResponseStarted(): void {
    this.#hasBytes = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _parsed: unknown, reason?: string): void {
    if (this.#abortReason) return;
    const fields = textOf(controller.rawHeaders);
    if (status < 200) return this.#sink.onInterim?.(status, fields);
    this.#hasHead = true;
    this.#sink.onHead({ status, reason: reason ?? '', fields });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#abortReason && !this.#sink.onData(chunk)) controller.pause();
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.#member.inFlight--;
    if (!this.#abortReason) this.#sink.onEnd(textOf(controller.rawTrailers));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#member.inFlight--;
    if (this.#abortReason) return;
    const phase = this.#hasHead ? 'mid-body' : 'before-head';
    this.#onFailure({
      fault: upstreamFault(error, this.#name, this.#member.address, phase),
      beforeHead: !this.#hasHead,
      onReusedConnection: !this.#hasBytes && hitReusedConnection(error),
    });
  }
}

/** undici keeps names and values as bytes; in HTTP they are latin-1. */
function textOf(raw: Dispatcher.DispatchController['rawHeaders']): Fields {
  if (!Array.isArray(raw)) return [];
  return raw.map((item) => (typeof item === 'string' ? item : item.toString('latin1')));
}
