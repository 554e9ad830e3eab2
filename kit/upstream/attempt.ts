/** One request on one connection: undici's handler, translated into a sink's events. */
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { passed } from '../process/buffer-collector.ts';
import { formatAddress } from '../process/units.ts';
import { Fault } from '../semantics/fault.ts';
import type { Fields } from '../semantics/fields.ts';
import { reasonPhrase } from '../semantics/status.ts';
import { BodyFeed } from './body-feed.ts';
import type { Member } from './member.ts';
import type { Settings } from './options.ts';
import { hitReusedConnection } from './pool.ts';
import type { Setback } from './retry.ts';
import type { Outbound, ResponseSink } from './upstream.ts';
import { failedToConnect, upstreamFault } from './upstream-fault.ts';

export type Failure = { readonly fault: Fault; readonly how: Setback['how'] };

export type Asking = {
  readonly settings: Settings;
  /** One of its connections was taken for this. */
  readonly member: Member;
  readonly outbound: Outbound;
  readonly sink: ResponseSink;
};

/** Who hears of an attempt that fails, once; not after `abort`. */
export interface Asker {
  failed(member: Member, failure: Failure): void;
  /** An answer began that `retryOn` names. True: it is not wanted, the request is in other hands. */
  declines(member: Member, fault: Fault): boolean;
}

/** How much of an answer that was declined is read, and for how long, so that its connection can be used again. */
const mostDiscarded = 64 * 1024;
const discardMs = 1_000;

export class Attempt implements Dispatcher.DispatchHandler {
  readonly #asking: Asking;
  readonly #asker: Asker;
  #controller: Dispatcher.DispatchController | undefined;
  #abortReason: Error | undefined;
  #hasStarted = false;
  #hasBytes = false;
  #hasHead = false;
  #isOver = false;
  /** The answer has a status that counts against the member. */
  #isBad = false;
  /** Of an answer that was declined: what was read, and the deadline. */
  #discarded: { bytes: number; readonly late: Disposable } | undefined;
  #askedAt: number | undefined;

  constructor(asking: Asking, asker: Asker) {
    this.#asking = asking;
    this.#asker = asker;
  }

  resume(): void {
    this.#controller?.resume();
  }

  /** The client left: ends the request wherever it is; the sink hears nothing more. */
  abort(reason: Error): void {
    if (this.#abortReason || this.#isOver) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }

  /** Sends the request. */
  start(): void {
    const { member, outbound } = this.#asking;
    const { method, target, fields, body } = outbound;
    this.#askedAt = member.merit.asked();
    member.pool.dispatch(
      {
        method,
        path: target,
        headers: fields as string[],
        body: bodyOf(outbound),
        // undici would close after each HEAD, in case the answer has a body all the same; its parser tells us when.
        // After a body that the method has no meaning for it rightly does: who skips such a body takes it for a request.
        ...(body === undefined || takesBody.has(method) ? { reset: false } : {}),
      },
      this,
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Aborted while it was connecting. Thrown, the connection is left to the next request.
    if (this.#abortReason) throw this.#abortReason;
    this.#controller = controller;
    this.#hasStarted = true;
  }

  onResponseStarted(): void {
    this.#hasBytes = true;
  }

  onResponseStart(
    { rawHeaders }: Dispatcher.DispatchController,
    status: number,
    parsed: Readonly<Record<string, string | string[] | undefined>>,
    reason = '',
  ): void {
    if (this.#abortReason) return;
    const { settings, sink, member } = this.#asking;
    const problem = problemOf(status, parsed['transfer-encoding']);
    if (problem !== undefined) throw this.#badResponse(problem);
    const fields = textOf(rawHeaders);
    if (status < 200) return sink.onInterim?.(status, fields);
    this.#hasHead = true;
    if (settings.retryOn.length > 0 && settings.retryOn.includes(status)) {
      if (this.#isDeclined(status)) return;
    } else {
      member.condition.headCame();
    }
    member.merit.answered(this.#askedAt);
    sink.onHead({ status, reason: plainReason(status, reason), fields, memberId: member.id });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    passed(chunk.length);
    if (this.#discarded) return this.#discard(this.#discarded, chunk);
    if (!this.#abortReason && !this.#asking.sink.onData(chunk)) controller.pause();
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (!this.#isBad) this.#asking.member.condition.answered();
    this.#leave();
    if (this.#discarded) return;
    if (!this.#abortReason) this.#asking.sink.onEnd(textOf(controller.rawTrailers));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isOver) return;
    if (this.#abortReason || this.#discarded) return this.#leave();
    const { settings, member } = this.#asking;
    const fault = upstreamFault(error, settings.name, member.address, this.#phase());
    const how = this.#how(fault, error);
    // A connection that was closed for being idle says nothing about the member.
    const counts = how !== 'stale' && member.condition.failed(fault);
    if (counts) member.merit.failed(this.#hasHead ? undefined : this.#askedAt);
    // Behind the verdict: who waits is given to members that are well.
    this.#leave();
    this.#asker.failed(member, { fault, how });
  }

  #how(fault: Fault, error: Error): Failure['how'] {
    const isReset = fault.reason === 'reset-before-head';
    if (!this.#hasStarted && (isReset || failedToConnect(fault))) return 'unsent';
    return isReset && !this.#hasBytes && hitReusedConnection(error) ? 'stale' : 'sent';
  }

  #phase() {
    if (this.#hasHead) return 'mid-body';
    return this.#hasStarted ? 'sent' : 'before-head';
  }

  #leave(): void {
    this.#isOver = true;
    this.#discarded?.late[Symbol.dispose]();
    this.#asking.member.slots.leave();
  }

  /** A status that `retryOn` names counts against the member as other failures do, whoever takes the answer. */
  #isDeclined(status: number): boolean {
    const { settings, member } = this.#asking;
    const fault = new Fault('unavailable', `${settings.name} at ${formatAddress(member.address)} answered ${status}`);
    this.#isBad = member.condition.failed(fault);
    if (this.#isBad) member.merit.failed(undefined);
    else member.condition.headCame();
    if (!this.#asker.declines(member, fault)) return false;
    this.#discarded = { bytes: 0, late: settings.timer(() => this.#controller?.abort(fault), discardMs) };
    return true;
  }

  #discard(discarded: { bytes: number }, chunk: Buffer): void {
    discarded.bytes += chunk.length;
    if (discarded.bytes > mostDiscarded) this.#controller?.abort(new Fault('unavailable', 'the answer is not wanted'));
  }

  #badResponse(problem: string): Fault {
    const { settings, member } = this.#asking;
    return new Fault('bad-response', `${settings.name} at ${formatAddress(member.address)} answered with ${problem}`);
  }
}

function bodyOf({ body, bodyLimit }: Outbound): Buffer | Readable | null {
  if (body === undefined || Buffer.isBuffer(body)) return body ?? null;
  return 'open' in body ? body.open() : new BodyFeed(body, bodyLimit);
}

/** Methods with a meaning for a body (RFC 9110 §9.3). */
const takesBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

/** What undici lets through and nobody may pass on: what we did not ask for and could not undo. RFC 9112 §6.1, §7. */
function problemOf(status: number, coding: string | string[] | undefined): string | undefined {
  if (status < 100) return `the status ${status}`;
  if (status === 101) return 'a switch of protocols that was not asked for';
  if (coding === undefined || (typeof coding === 'string' && coding.toLowerCase() === 'chunked')) return undefined;
  return `the transfer coding ${JSON.stringify(coding)}`;
}

/** undici reads the phrase as UTF-8, so that bytes above ASCII cannot be had again. It has no meaning (RFC 9112 §4). */
function plainReason(status: number, reason: string): string {
  return /^[\t\x20-\x7e]*$/.test(reason) ? reason : reasonPhrase(status);
}

/** undici keeps names and values as bytes; in HTTP they are latin-1. */
function textOf(raw: Dispatcher.DispatchController['rawHeaders']): Fields {
  if (!Array.isArray(raw)) return [];
  return raw.map((item) => (typeof item === 'string' ? item : item.toString('latin1')));
}
