/** One request on one connection: undici's handler, translated into a sink's events. */
import type { Dispatcher } from 'undici';
import { passed } from '../process/buffer-collector.ts';
import { formatAddress } from '../process/units.ts';
import { Fault } from '../semantics/fault.ts';
import type { Fields } from '../semantics/fields.ts';
import { reasonPhrase } from '../semantics/status.ts';
import { BodyFeed } from './body-feed.ts';
import type { Member } from './member.ts';
import { hitReusedConnection } from './pool.ts';
import type { Guest } from './queue.ts';
import type { Outbound, ResponseSink } from './upstream.ts';
import { failedToConnect, upstreamFault } from './upstream-fault.ts';

export type Failure = {
  readonly fault: Fault;
  /** `elsewhere`: no byte of the request was sent, another member may be asked, whatever the method. */
  readonly where: 'elsewhere' | 'nowhere';
  /** It hit a reused connection that died before a byte of the answer: the peer may never have seen the request. */
  readonly isStale: boolean;
};

export type Asking = {
  /** What the upstream is called in messages. */
  readonly name: string;
  readonly member: Member;
  readonly outbound: Outbound;
  readonly sink: ResponseSink;
};

/** Who hears, once, that an attempt failed; not after `abort`. */
export interface Asker {
  failed(member: Member, failure: Failure): void;
}

export class Attempt implements Dispatcher.DispatchHandler, Guest {
  readonly #asking: Asking;
  readonly #asker: Asker;
  #controller: Dispatcher.DispatchController | undefined;
  #abortReason: Error | undefined;
  #hasStarted = false;
  #hasBytes = false;
  #hasHead = false;
  #isOver = false;
  #askedAt: number | undefined;

  constructor(asking: Asking, asker: Asker) {
    this.#asking = asking;
    this.#asker = asker;
  }

  /** Sends the request as soon as there may be a connection for it. */
  start(): void {
    this.#asking.member.queue.enter(this);
  }

  resume(): void {
    this.#controller?.resume();
  }

  /** The client left: ends the request wherever it is; the sink hears nothing more. */
  abort(reason: Error): void {
    if (this.#abortReason || this.#isOver) return;
    this.#abortReason = reason;
    if (!this.#asking.member.queue.withdraw(this)) this.#controller?.abort(reason);
  }

  proceed(): void {
    const { member, outbound } = this.#asking;
    if (this.#abortReason) return member.queue.leave();
    const { method, target, fields, body, bodyLimit } = outbound;
    this.#askedAt = member.merit.asked();
    const isFeed = body !== undefined && !Buffer.isBuffer(body);
    member.pool.dispatch(
      {
        method,
        path: target,
        headers: fields as string[],
        body: isFeed ? new BodyFeed(body, bodyLimit) : (body ?? null),
        // undici would close after each HEAD, in case the answer has a body all the same; its parser tells us when.
        // After a body that the method has no meaning for it rightly does: who skips such a body takes it for a request.
        ...(body === undefined || takesBody.has(method) ? { reset: false } : {}),
      },
      this,
    );
  }

  refuse(fault: Fault, where: Failure['where']): void {
    this.#isOver = true;
    if (!this.#abortReason) this.#asker.failed(this.#asking.member, { fault, where, isStale: false });
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
    const { sink, member } = this.#asking;
    const problem = problemOf(status, parsed['transfer-encoding']);
    if (problem !== undefined) throw this.#badResponse(problem);
    const fields = textOf(rawHeaders);
    if (status < 200) return sink.onInterim?.(status, fields);
    this.#hasHead = true;
    member.condition.headCame();
    member.merit.answered(this.#askedAt);
    sink.onHead({ status, reason: plainReason(status, reason), fields, memberId: member.id });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    passed(chunk.length);
    if (!this.#abortReason && !this.#asking.sink.onData(chunk)) controller.pause();
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.#leave();
    this.#asking.member.condition.answered();
    if (!this.#abortReason) this.#asking.sink.onEnd(textOf(controller.rawTrailers));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isOver) return;
    this.#leave();
    if (this.#abortReason) return;
    const { name, member } = this.#asking;
    const fault = upstreamFault(error, name, member.address, this.#phase());
    const isStale = !this.#hasBytes && fault.reason === 'reset-before-head' && hitReusedConnection(error);
    // A connection that was closed for being idle says nothing about the member.
    if (!isStale && member.condition.failed(fault)) member.merit.failed(this.#hasHead ? undefined : this.#askedAt);
    const where = !this.#hasStarted && failedToConnect(fault) ? 'elsewhere' : 'nowhere';
    this.#asker.failed(member, { fault, where, isStale });
  }

  #phase() {
    if (this.#hasHead) return 'mid-body';
    return this.#hasStarted ? 'sent' : 'before-head';
  }

  #leave(): void {
    this.#isOver = true;
    this.#asking.member.queue.leave();
  }

  #badResponse(problem: string): Fault {
    const { name, member } = this.#asking;
    return new Fault('bad-response', `${name} at ${formatAddress(member.address)} answered with ${problem}`);
  }
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
