/**
 * A page with its fragments in it. The page is read ahead of what is sent, so that fragments come side by side while each is
 * sent in its place. How far ahead is bounded, and everything beyond waits: nothing is held that the client is slow to take.
 */
import { note } from '@trivet/kit/http1/answer.ts';
import { Fault, toFault } from '@trivet/kit/semantics/fault.ts';
import { Markup, type Piece } from '../../policy/esi/markup.ts';
import type { Conduit } from '../conduit.ts';
import type { Edge } from '../edge.ts';
import type { Exchange } from '../exchange.ts';
import { type Embedded, type Host, included } from './include.ts';
import { nestingOf } from './nesting.ts';

/** How many fragments are on their way or ready behind the one that is being sent. */
const MOST_AHEAD = 8;
/** How much text is read ahead; bytes. */
const TEXT_AHEAD_BYTES = 64 * 1024;

/** The bytes of `page`, the body that `x` is answered with, its markup replaced by what it stands for. */
export async function* composed(x: Exchange, edge: Edge, page: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const composition = new Composition(x, edge);
  x.response.once('close', () => composition.leave());
  if (x.response.destroyed) composition.leave();
  void composition.read(page);
  try {
    for (let part = await composition.next(); part !== undefined; part = await composition.next()) {
      if (part.is === 'text') yield part.bytes;
      else yield* composition.bytesOf(await part.embedded);
    }
  } finally {
    composition.stop();
  }
}

type Part =
  | { readonly is: 'text'; readonly bytes: Buffer }
  | { readonly is: 'fragment'; readonly embedded: Promise<Embedded | undefined> };
type End = { readonly is: 'whole' } | { readonly is: 'broken'; readonly fault: Fault };

class Composition {
  readonly #host: Host;
  readonly #conduits = new Set<Conduit>();
  readonly #parts: Part[] = [];
  #textAhead = 0;
  #fragmentsAhead = 0;
  /** Once the page is read. */
  #end: End | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(x: Exchange, edge: Edge) {
    const keep = (conduit: Conduit) => this.#keep(conduit);
    this.#host = { x, edge, nesting: nestingOf(x), keep };
  }

  /** Reads the page, as far ahead as there is room; what breaks is told by `next`. */
  async read(page: AsyncIterable<Buffer>): Promise<void> {
    const markup = new Markup();
    try {
      for await (const chunk of page) {
        await this.#add(markup.push(chunk));
        if (this.#end !== undefined) return;
      }
      await this.#add(markup.end());
      this.#finish({ is: 'whole' });
    } catch (error) {
      this.#finish({ is: 'broken', fault: toFault(error) });
    }
  }

  /** What is sent next; undefined at the end. */
  async next(): Promise<Part | undefined> {
    for (;;) {
      const part = this.#parts.shift();
      if (part !== undefined) {
        if (part.is === 'text') this.#textAhead -= part.bytes.length;
        else this.#fragmentsAhead -= 1;
        this.#wake();
        return part;
      }
      if (this.#end?.is === 'broken') throw this.#end.fault;
      if (this.#end?.is === 'whole') return undefined;
      await this.#changed.promise;
    }
  }

  /** What stands in place of an include. Once some of it is sent nothing can stand in for the rest. */
  async *bytesOf(embedded: Embedded | undefined): AsyncIterable<Buffer> {
    if (embedded === undefined) return;
    const { here, rest } = embedded;
    yield* here;
    try {
      for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
    } catch (error) {
      if (!this.#host.x.isOver) this.#host.edge.counters.fragmentFailures += 1;
      throw error;
    }
  }

  /** Nothing more is sent. What was is still on its way to the client. */
  stop(): void {
    const { x, nesting } = this.#host;
    this.#finish({ is: 'whole' });
    if (nesting.depth === 0 && nesting.tally.fragments > 0) note(x.response, { fragments: nesting.tally.fragments });
  }

  /** Nobody is there any more that anything could be sent to. */
  leave(): void {
    this.#finish({ is: 'broken', fault: new Fault('client-left', 'the client left') });
    this.#parts.length = 0;
    for (const conduit of this.#conduits) conduit.release();
    this.#conduits.clear();
  }

  async #add(pieces: readonly Piece[]): Promise<void> {
    for (const piece of pieces) {
      while (this.#end === undefined && this.#isFull) await this.#changed.promise;
      if (this.#end !== undefined) return;
      this.#put(piece);
    }
  }

  get #isFull(): boolean {
    return this.#textAhead >= TEXT_AHEAD_BYTES || this.#fragmentsAhead >= MOST_AHEAD;
  }

  #put(piece: Piece): void {
    switch (piece.is) {
      case 'text':
        this.#parts.push(piece);
        this.#textAhead += piece.bytes.length;
        break;
      case 'include': {
        const embedded = included(piece.include, this.#host);
        // It may fail long before its place is reached, where that is looked at.
        embedded.catch(() => undefined);
        this.#parts.push({ is: 'fragment', embedded });
        this.#fragmentsAhead += 1;
        break;
      }
      case 'warning': {
        const { x, edge } = this.#host;
        edge.log.debug({ id: x.inbound.id, target: x.inbound.target, why: piece.why }, 'doubtful ESI markup');
      }
    }
    this.#wake();
  }

  #keep(conduit: Conduit): void {
    if (this.#host.x.response.closed) conduit.release();
    else this.#conduits.add(conduit);
  }

  #finish(end: End): void {
    this.#end ??= end;
    this.#wake();
  }

  #wake(): void {
    const changed = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    changed.resolve();
  }
}
