/**
 * Finished exchanges, told to whoever listens, as server-sent events. A listener that reads too slowly loses events, and
 * is told how many; the edge neither waits for it nor keeps more for it than `MOST_UNREAD_BYTES`.
 */
import type { ServerResponse } from 'node:http';
import type { ExchangeRecord } from '@trivet/kit/process/exchange-record.ts';
import type { Predicate } from '../policy/log-filter.ts';
import { asEvent, type Event, fieldsOf } from './event.ts';

export type LiveLogOptions = {
  readonly region: string;
  /** Milliseconds since the epoch. */
  clock(): number;
  readonly heartbeatMs?: number;
};

export type Wanted = {
  readonly matches: Predicate | undefined;
  /** After so many it is over. */
  readonly limit: number;
};

export const MOST_LISTENERS = 16;
export const MOST_UNREAD_BYTES = 256 * 1024;
const HEARTBEAT_MS = 15_000;

type Listener = { readonly response: ServerResponse; readonly wanted: Wanted; told: number; dropped: number };

export class LiveLog {
  readonly #options: LiveLogOptions;
  readonly #listeners = new Set<Listener>();
  #heart: NodeJS.Timeout | undefined;
  #ended: string | undefined;

  constructor(options: LiveLogOptions) {
    this.#options = options;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Why nobody more can listen; undefined when there is room. */
  get refusal(): string | undefined {
    if (this.#ended !== undefined) return `the edge is ${this.#ended}`;
    return this.#listeners.size < MOST_LISTENERS ? undefined : `all ${MOST_LISTENERS} places are taken`;
  }

  /** Tells a client of exchanges from now on, until it leaves or has had enough. */
  listen(response: ServerResponse, wanted: Wanted): void {
    const listener = { response, wanted, told: 0, dropped: 0 };
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    response.write(': listening\n\n');
    this.#listeners.add(listener);
    response.once('close', () => this.#leave(listener));
    this.#heart ??= setInterval(() => this.#beat(), this.#options.heartbeatMs ?? HEARTBEAT_MS).unref();
  }

  /** One exchange is over. Where nobody listens that is all. */
  exchange(record: ExchangeRecord): void {
    if (this.#listeners.size === 0) return;
    const event = asEvent(record, this.#options.region, this.#options.clock());
    const value = fieldsOf(event);
    let text: string | undefined;
    for (const listener of this.#listeners) {
      if (listener.wanted.matches?.(value) === false) continue;
      text ??= sse(event);
      this.#tell(listener, text);
    }
  }

  /** Ends it for all: the tier is `why` (draining, …). */
  end(why: string): void {
    this.#ended = why;
    for (const { response } of this.#listeners) response.end(`event: end\ndata: ${JSON.stringify({ why })}\n\n`);
    this.#listeners.clear();
    this.#stopHeart();
  }

  #tell(listener: Listener, text: string): void {
    const { response, wanted } = listener;
    if (response.writableLength > MOST_UNREAD_BYTES) {
      listener.dropped += 1;
      return;
    }
    this.#tellDropped(listener);
    listener.told += 1;
    response.write(text);
    if (listener.told < wanted.limit) return;
    response.end(`event: end\ndata: ${JSON.stringify({ why: 'limit' })}\n\n`);
    this.#leave(listener);
  }

  #tellDropped(listener: Listener): void {
    if (listener.dropped === 0) return;
    listener.response.write(`event: dropped\ndata: ${JSON.stringify({ count: listener.dropped })}\n\n`);
    listener.dropped = 0;
  }

  #beat(): void {
    for (const listener of this.#listeners) {
      // A socket that has not taken what there was gets nothing more: this too would pile up.
      if (listener.response.writableLength > MOST_UNREAD_BYTES) continue;
      this.#tellDropped(listener);
      listener.response.write(': still here\n\n');
    }
  }

  #leave(listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.#stopHeart();
  }

  #stopHeart(): void {
    clearInterval(this.#heart);
    this.#heart = undefined;
  }
}

function sse(event: Event): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
