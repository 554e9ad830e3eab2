/** The live logs of all workers in one stream, those included that replace others while somebody listens. */
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { openReply, type Question, type Reply } from '@trivet/kit/process/workers/ask.ts';
import type { Crew, Hand } from '@trivet/kit/process/workers/crew.ts';
import { nobody, pass, questionOf } from '@trivet/kit/process/workers/fan-out.ts';
import type { Request, Response } from 'express';
import { MOST_UNREAD_BYTES } from '../watch/live-log.ts';

/** A worker's events are shorter; what is longer is none. */
const LONGEST_EVENT = 1_000_000;
const OPENING_MS = 2_000;
/** To HEAD. */
const noEvents: Reply = { status: 200, type: 'text/event-stream', body: Buffer.alloc(0) };

export class LogOfMany {
  readonly #crew: Pick<Crew, 'hands' | 'isDraining'>;
  readonly #listeners = new Set<Listener>();

  constructor(crew: Pick<Crew, 'hands' | 'isDraining' | 'onReady'>) {
    this.#crew = crew;
    crew.onReady = (hand) => {
      for (const listener of this.#listeners) void listener.follow(hand);
    };
  }

  /** How many listen. */
  get size(): number {
    return this.#listeners.size;
  }

  /** Asks every worker; what one of them refuses is refused. */
  async listen(request: Request, response: Response): Promise<void> {
    const question = questionOf(request);
    const leaving = new AbortController();
    response.once('close', () => leaving.abort());
    const hands = this.#crew.hands;
    const asked = await Promise.allSettled(hands.map((hand) => opened(hand, question, leaving.signal)));
    if (leaving.signal.aborted) return;
    const answers = asked.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
    if (answers.length === 0) return nobody(response);
    const refusal = answers.find((answer) => answer.is === 'refusal');
    const instead = refusal?.reply ?? (request.method === 'HEAD' ? noEvents : undefined);
    if (instead !== undefined) return pass(response, instead);
    const { searchParams } = new URL(question.path, 'http://admin');
    const limit = Number(searchParams.get('limit') ?? Number.POSITIVE_INFINITY);
    const listener = new Listener(response, { question, limit, signal: leaving.signal, crew: this.#crew });
    this.#listeners.add(listener);
    response.once('close', () => this.#listeners.delete(listener));
    listener.begin(answers.filter((answer) => answer.is === 'stream').map(({ stream }) => stream));
    // Who came while the others were asked.
    for (const hand of this.#crew.hands) if (!hands.some(({ pid }) => pid === hand.pid)) void listener.follow(hand);
  }
}

type Opened =
  | { readonly is: 'stream'; readonly stream: IncomingMessage }
  | { readonly is: 'refusal'; readonly reply: Reply };

/** One that hangs must not keep the others from being heard. */
async function opened(hand: Hand, question: Question, leaving: AbortSignal): Promise<Opened> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), OPENING_MS);
  try {
    const answer = await openReply(hand, question, AbortSignal.any([leaving, late.signal]));
    const { statusCode: status = 503, headers } = answer;
    if (status === 200) return { is: 'stream', stream: answer };
    const type = headers['content-type'] ?? 'application/json';
    return { is: 'refusal', reply: { status, type, body: await buffer(answer) } };
  } finally {
    clearTimeout(timer);
  }
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
    // One that refuses or hangs is not heard; that it hangs is in the answer of `/ready`.
    const answer = await opened(hand, question, signal).catch(() => undefined);
    if (answer?.is === 'stream') await this.#read(answer.stream);
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
