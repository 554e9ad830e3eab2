/** The live logs of all workers in one stream, those included that replace others while somebody listens. */
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { openReply, type Question } from '@trivet/kit/process/workers/ask.ts';
import type { Crew, Hand } from '@trivet/kit/process/workers/crew.ts';
import { nobody, pass, questionOf } from '@trivet/kit/process/workers/fan-out.ts';
import type { Request, Response } from 'express';
import { MOST_UNREAD_BYTES } from '../watch/live-log.ts';

/** A worker's events are shorter; what is longer is none. */
const LONGEST_EVENT = 1_000_000;
const OPENING_MS = 2_000;

export class LogOfMany {
  readonly #crew: Pick<Crew, 'hands' | 'isDraining'>;
  readonly #listeners = new Set<Listener>();

  constructor(crew: Pick<Crew, 'hands' | 'isDraining' | 'onReady'>) {
    this.#crew = crew;
    crew.onReady = (hand) => {
      for (const listener of this.#listeners) void listener.follow(hand);
    };
  }

  /** Asks every worker; what one of them refuses is refused. */
  async listen(request: Request, response: Response): Promise<void> {
    const question = questionOf(request);
    const leaving = new AbortController();
    response.once('close', () => leaving.abort());
    const hands = this.#crew.hands;
    const opened = await Promise.allSettled(hands.map((hand) => openInTime(hand, question, leaving.signal)));
    const replies = opened.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
    const refusal = replies.find(({ statusCode }) => statusCode !== 200);
    if (refusal !== undefined || request.method === 'HEAD' || replies.length === 0) {
      await refuse(response, refusal ?? replies[0]);
      return leaving.abort();
    }
    const { searchParams } = new URL(question.path, 'http://admin');
    const limit = Number(searchParams.get('limit') ?? Number.POSITIVE_INFINITY);
    const listener = new Listener(response, { question, limit, signal: leaving.signal, crew: this.#crew });
    this.#listeners.add(listener);
    response.once('close', () => this.#listeners.delete(listener));
    listener.begin(replies);
    // Who came while the others were asked.
    for (const hand of this.#crew.hands) if (!hands.some(({ pid }) => pid === hand.pid)) void listener.follow(hand);
  }
}

/** One that hangs must not keep the others from being heard. */
async function openInTime(hand: Hand, question: Question, leaving: AbortSignal): Promise<IncomingMessage> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), OPENING_MS);
  try {
    return await openReply(hand, question, AbortSignal.any([leaving, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}

async function refuse(response: Response, reply: IncomingMessage | undefined): Promise<void> {
  if (reply === undefined) return nobody(response);
  const { statusCode: status = 503, headers } = reply;
  const body = status === 200 ? Buffer.alloc(0) : await buffer(reply);
  pass(response, { status, type: headers['content-type'] ?? 'application/json', body });
}

type Terms = {
  readonly question: Question;
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly crew: Pick<Crew, 'isDraining'>;
};

class Listener {
  readonly #response: Response;
  readonly #terms: Terms;
  #told = 0;
  #dropped = 0;

  constructor(response: Response, terms: Terms) {
    this.#response = response;
    this.#terms = terms;
  }

  begin(replies: readonly IncomingMessage[]): void {
    this.#response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    this.#response.write(': listening\n\n');
    for (const reply of replies) void this.#read(reply);
  }

  async follow(hand: Hand): Promise<void> {
    const { question, signal } = this.#terms;
    const reply = await openInTime(hand, question, signal).catch(() => undefined);
    if (reply !== undefined) await this.#read(reply);
  }

  /** Resolves when the worker says no more; that it died is in the log of the edge. */
  async #read(reply: IncomingMessage): Promise<void> {
    let rest = '';
    reply.setEncoding('utf8');
    reply.on('error', () => reply.destroy());
    reply.on('data', (text: string) => {
      const blocks = (rest + text).split('\n\n');
      rest = (blocks.pop() ?? '').slice(-LONGEST_EVENT);
      for (const block of blocks) this.#take(block);
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    reply.once('close', resolve);
    await promise;
  }

  #take(block: string): void {
    if (this.#response.writableEnded || block === ': listening') return;
    if (block.startsWith('event: end')) {
      // A worker alone that ends is replaced, and the stream goes on with its successor.
      if (this.#terms.crew.isDraining) this.#response.end(`${block}\n\n`);
      return;
    }
    if (block.startsWith('data:')) this.#event(block);
    else if (this.#response.writableLength <= MOST_UNREAD_BYTES) this.#response.write(`${block}\n\n`);
  }

  #event(block: string): void {
    const response = this.#response;
    if (response.writableLength > MOST_UNREAD_BYTES) {
      this.#dropped += 1;
      return;
    }
    if (this.#dropped > 0) response.write(`event: dropped\ndata: ${JSON.stringify({ count: this.#dropped })}\n\n`);
    this.#dropped = 0;
    response.write(`${block}\n\n`);
    this.#told += 1;
    if (this.#told >= this.#terms.limit) response.end(`event: end\ndata: ${JSON.stringify({ why: 'limit' })}\n\n`);
  }
}
