/**
 * One tunnel, from the request to the close of both its sockets. Whatever happens, the client gets a whole answer or
 * learns from the connection that there is none, and no socket outlives the other for longer than its last bytes need.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../process/log.ts';
import { type Address, formatAddress } from '../process/units.ts';
import { Fault, type Tier, toFault } from '../semantics/fault.ts';
import { dial, type Line } from './dial.ts';
import { type Asked, faultAnswer } from './fault-answer.ts';
import { FrameBoundary, goingAway } from './frame-boundary.ts';
import { shakeHands } from './handshake.ts';
import { closed, part } from './parting.ts';
import { judgeUpgrade, switchesToWebSocket, type UpgradeRequest } from './upgrade-guard.ts';
import { upstreamFault } from './upstream-fault.ts';

export type UpgradeInbound = Asked & UpgradeRequest & { readonly target: string };

/** Fields of the request to the upstream (end-to-end, with Host), and those this hop adds to the answer. */
export type Forward = {
  readonly fields: readonly string[];
  readonly answerFields: readonly string[];
  /** Whereto, in the order in which they are tried, if not where all go. */
  readonly addresses?: readonly Address[];
  /** More fields for what one of them answers. */
  answerFieldsFrom?(address: Address): readonly string[];
};

export type Way = {
  readonly tier: Tier;
  readonly upstreamName: string;
  /** In the order in which they are tried. */
  readonly addresses: readonly Address[];
  readonly timeouts: {
    readonly connectMs: number;
    readonly firstByteMs: number;
    /** How long nothing may pass, either way, before an open tunnel is ended; 0 or not told: for ever. */
    readonly idleMs?: number;
  };
  readonly log: Log;
};

/** How a tunnel ended: what the record of the exchange needs. */
export type TunnelEnd = {
  /** As sent; 101 for a tunnel, 499 when the client left before any answer. */
  readonly status: number;
  /** Bytes written to the client's socket. */
  readonly bytes: number;
  readonly outcome: 'done' | 'client-left' | 'broken';
  readonly fault?: Fault | undefined;
};

/** A tunnel may be silent for long; a peer that is gone is found out by the kernel's probes. */
const probeAfterMs = 60_000;

export class Passage {
  // As long as the client's socket.
  readonly #way: Way;
  readonly #inbound: UpgradeInbound;
  readonly #client: Socket;
  readonly #left = new AbortController();
  readonly #bytesBefore: number;
  #clientError: Error | undefined;
  #stage: 'asking' | 'refused' | 'answered' | 'open' = 'asking';
  #status = 499;
  #fault: Fault | undefined;
  #isDraining = false;
  #isCut = false;
  #patience: NodeJS.Timeout | undefined;
  // As long as the upstream's socket.
  #upstream: Socket | undefined;
  #who = '';
  readonly #frames = new FrameBoundary();

  constructor(way: Way, inbound: UpgradeInbound, client: Socket) {
    this.#way = way;
    this.#inbound = inbound;
    this.#client = client;
    this.#bytesBefore = client.bytesWritten;
    client.on('error', (error) => {
      this.#clientError = error;
    });
    client.once('close', () => this.#clientClosed());
  }

  /** Resolves when both sockets are closed; never rejects. */
  async run(head: Buffer, forward: Forward): Promise<TunnelEnd> {
    const clientClosed = closed(this.#client);
    try {
      this.#judge();
      const line = await this.#connect();
      await this.#ask(line, head, forward);
    } catch (error) {
      this.#fail(error, forward);
    }
    await clientClosed;
    if (this.#upstream) await closed(this.#upstream);
    return this.#end();
  }

  /** The tier goes away: an open tunnel is closed between two frames, one that is only asked for as soon as it opens. */
  drain(): void {
    this.#isDraining = true;
    this.#sayGoodbye();
  }

  /** Ends both sockets at once. */
  cut(): void {
    this.#isCut = true;
    this.#client.destroy();
    this.#upstream?.destroy();
  }

  #judge(): void {
    const verdict = judgeUpgrade(this.#inbound);
    if (verdict.verdict === 'refuse') throw verdict.fault;
    if (this.#isDraining) throw new Fault('unavailable', `${this.#way.tier} is shutting down`);
  }

  async #connect(): Promise<Line> {
    const { upstreamName, addresses, timeouts, log } = this.#way;
    const line = await dial(addresses, {
      name: upstreamName,
      connectMs: timeouts.connectMs,
      signal: this.#left.signal,
      onMiss: (fault) => log.warn({ fault, id: this.#inbound.id }, 'trying the next address'),
    });
    this.#upstream = line.socket;
    this.#who = `${upstreamName} at ${formatAddress(line.address)}`;
    line.socket.once('close', () => this.#upstreamClosed());
    if (this.#client.destroyed) throw new Fault('client-left', 'the client left while its tunnel was dialled');
    return line;
  }

  async #ask({ socket: upstream, address }: Line, head: Buffer, forward: Forward): Promise<void> {
    const { upstreamName, timeouts } = this.#way;
    const late = new Fault('timeout-first-byte', `${this.#who} did not answer in ${timeouts.firstByteMs}ms`);
    this.#patience = setTimeout(() => upstream.destroy(late), timeouts.firstByteMs);
    await shakeHands(this.#client, upstream, {
      target: this.#inbound.target,
      fields: forward.fields,
      answerFields: [...forward.answerFields, ...(forward.answerFieldsFrom?.(address) ?? [])],
      head,
      onError: (error) => this.#fail(upstreamFault(error, upstreamName, address, 'before-head'), forward),
      admit: (answer, kind) => {
        clearTimeout(this.#patience);
        const isGood = kind === 'switch' ? switchesToWebSocket(answer.rawHeaders) : answer.statusCode !== 101;
        if (isGood) this.#admit(answer, upstream, kind);
        else this.#fail(new Fault('bad-response', `${this.#who} said 101 and did not switch to WebSocket`), forward);
        return isGood;
      },
      onOpen: () => this.#opened(upstream),
    });
  }

  #opened(upstream: Socket): void {
    for (const socket of [this.#client, upstream]) socket.setKeepAlive(true, probeAfterMs);
    // Hears each chunk right after it was passed on.
    upstream.on('data', (chunk: Buffer) => {
      this.#frames.pass(chunk);
      if (this.#isDraining) this.#sayGoodbye();
    });
    // Whatever passes is read from the client's socket or written to it.
    this.#client.setTimeout(this.#way.timeouts.idleMs ?? 0, () => this.#tire());
    if (this.#isDraining) this.#sayGoodbye();
  }

  /** Nothing passed for too long: as a drain of this tunnel alone, at once where a frame is open or half of it is closed. */
  #tire(): void {
    const client = this.#client.setTimeout(0);
    const isHalfClosed = client.writableEnded || client.readableEnded;
    if (isHalfClosed || !this.#frames.isBetweenFrames) return this.cut();
    this.#sayGoodbye();
    this.#patience = setTimeout(() => {
      client.destroy();
      this.#upstream?.destroy();
    }, this.#way.timeouts.firstByteMs);
  }

  #admit(answer: IncomingMessage, upstream: Socket, kind: 'switch' | 'answer'): void {
    this.#status = answer.statusCode ?? 502;
    this.#stage = kind === 'switch' ? 'open' : 'answered';
    if (kind === 'switch') return;
    const { firstByteMs } = this.#way.timeouts;
    answer.once('error', (error) => this.#break(error));
    upstream.setTimeout(firstByteMs, () => {
      // Silent because nobody takes what it has to say.
      if (this.#client.writableLength > 0) this.#client.destroy();
      else this.#break(new Fault('timeout-between-bytes', `the answer of ${this.#who} stalled for ${firstByteMs}ms`));
    });
  }

  /** What broke becomes an answer where one is still possible. Called for one failure more than once. */
  #fail(error: unknown, forward: Forward): void {
    if (this.#client.destroyed) this.#upstream?.destroy();
    else if (this.#stage === 'asking') this.#refuse(toFault(error), forward);
    else if (this.#stage !== 'refused') this.#break(error);
  }

  #refuse(fault: Fault, forward: Forward): void {
    this.#stage = 'refused';
    this.#fault = fault;
    this.#status = fault.status;
    this.#client.end(faultAnswer(this.#way.tier, this.#inbound, fault, forward.answerFields));
    part(this.#client, this.#way.timeouts.firstByteMs);
    this.#upstream?.destroy();
  }

  #break(cause: unknown): void {
    // It broke because the client left; that is the client's end, not the upstream's.
    if (this.#client.destroyed) return;
    const isTimeout = cause instanceof Fault && cause.reason === 'timeout-between-bytes';
    this.#fault ??= isTimeout ? cause : new Fault('reset-mid-body', `${this.#who} broke the connection`, { cause });
    if (this.#stage === 'answered') this.#client.destroy();
    this.#upstream?.destroy();
  }

  #sayGoodbye(): void {
    if (this.#stage !== 'open' || this.#client.writableEnded || !this.#frames.isBetweenFrames) return;
    this.#upstream?.unpipe(this.#client);
    this.#upstream?.resume();
    this.#client.end(goingAway);
  }

  #clientClosed(): void {
    this.#left.abort();
    const isOrderly = this.#stage === 'open' && this.#client.readableEnded && this.#clientError === undefined;
    // What the client said last may still be on its way.
    if (isOrderly && this.#upstream) part(this.#upstream, this.#way.timeouts.firstByteMs);
    else this.#upstream?.destroy();
  }

  #upstreamClosed(): void {
    clearTimeout(this.#patience);
    if (this.#stage === 'asking') return;
    if (this.#stage === 'open') this.#client.end();
    part(this.#client, this.#way.timeouts.firstByteMs);
  }

  #end(): TunnelEnd {
    const bytes = this.#client.bytesWritten - this.#bytesBefore;
    return { status: this.#status, bytes, outcome: this.#outcome(), fault: this.#fault };
  }

  #outcome(): TunnelEnd['outcome'] {
    if (this.#isCut || (this.#fault && this.#stage !== 'refused')) return 'broken';
    return this.#clientError || !this.#client.writableFinished ? 'client-left' : 'done';
  }
}
