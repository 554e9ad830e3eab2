/**
 * The next hop: a named group of addresses. Owns connections, names, health, the choice of a member, the queue for
 * one, and what is safe to retry; what an answer means is the caller's business.
 */
import type { IncomingMessage } from 'node:http';
import type { HeldBody } from '../http1/body/held-body.ts';
import type { Address } from '../process/units.ts';
import type { Fault } from '../semantics/fault.ts';
import type { Fields } from '../semantics/fields.ts';
import type { Wish } from './choice.ts';
import { Course, type Group } from './course.ts';
import type { GroupStats, MemberStats } from './member-stats.ts';
import { Members } from './members.ts';
import { settingsOf, type UpstreamOptions } from './options.ts';
import { Tally } from './tally.ts';

export type { AddressRule, UpstreamOptions } from './options.ts';

/** A request as the next hop gets it. */
export type Outbound = {
  readonly method: string;
  /** Path and query, byte for byte. Never `*`: that question is for the hop that is asked. */
  readonly target: string;
  /** End-to-end fields, `Host` among them; framing is made here. */
  readonly fields: readonly string[];
  /** A request that goes to another member after all takes one that is held from the beginning. */
  readonly body: IncomingMessage | Buffer | HeldBody | undefined;
  /** Most bytes of a body without Content-Length; beyond it the request is broken off (413). */
  readonly bodyLimit?: number;
  /** For the balance `hash`: requests with the same key go to the same member. The target if not told. */
  readonly hashKey?: string;
  /** The `memberId` of an earlier answer: that member is asked, and waited for, unless it is sick, ejected or down. */
  readonly stickyTo?: string | undefined;
};

export type ResponseHead = {
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
  /** Who answers, the same in all processes (`sticky.ts`); absent where nobody was asked. */
  readonly memberId?: string;
};

/** A request is given to a member once more. */
export type Retry = {
  /** `redial`: nothing had been sent. `replay`: a reused connection had died before a byte of the answer. */
  readonly kind: 'redial' | 'replay' | 'retry';
  /** What went wrong before, and to which address it goes now. */
  readonly fault: Fault;
  readonly to: string;
};

/** Where the answer goes. After `onEnd` or `onFault` nothing more is called. */
export interface ResponseSink {
  /** Of what was tried before nothing is heard any more. */
  onRetry?(retry: Retry): void;
  /** 1xx other than 100 and 101. */
  onInterim?(status: number, fields: Fields): void;
  /** The final head, fields as received: hop-by-hop ones are still there. */
  onHead(head: ResponseHead): void;
  /** `false` pauses the answer until `resume()`. */
  onData(chunk: Buffer): boolean;
  onEnd(trailers: Fields): void;
  onFault(fault: Fault): void;
}

export interface Sending {
  resume(): void;
  /** The client left: the request is cancelled, the sink hears nothing more. */
  abort(): void;
}

export class Upstream implements AsyncDisposable {
  readonly #members: Members;
  readonly #tally = new Tally();
  readonly #group: Group;

  /** Throws a `RangeError` for options that cannot be meant; a name that does not resolve is no reason to. */
  constructor(options: UpstreamOptions) {
    this.#members = new Members(settingsOf(options));
    this.#group = { members: this.#members, tally: this.#tally };
  }

  /**
   * Is there a member that is neither sick nor ejected? If not, a request fails at once (all are sick), or is tried all
   * the same (all failed of late); a stale answer may be the better one.
   */
  get isHealthy(): boolean {
    return this.#members.isHealthy;
  }

  /** Sends a request; the sink gets the answer or one fault. */
  send(outbound: Outbound, sink: ResponseSink): Sending {
    const course = new Course(this.#group, outbound, sink);
    course.start();
    return course;
  }

  /**
   * Takes other options, all of them or, when they are wrong, none. An address that stays keeps its connections, its
   * health and its requests; one that goes finishes what it has.
   */
  reconfigure(options: UpstreamOptions): void {
    this.#members.change(settingsOf(options));
  }

  /**
   * For connections that are not requests: where to open one now, the best place first. Whose client is to stay there
   * tells so in the `wish`; the id of each place is its `stickyId`.
   */
  endpoints(wish: Partial<Wish> = {}): readonly Address[] {
    return this.#members.endpoints(wish);
  }

  /** A row for each member, for those that are leaving, and for names that did not resolve yet. */
  stats(): readonly MemberStats[] {
    return this.#members.stats();
  }

  /** What there is to count of all members together. */
  groupStats(): GroupStats {
    return { ...this.#members.crowd, ...this.#tally.counts };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#members.destroy();
  }
}
