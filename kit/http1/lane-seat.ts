/** The seat of one connection's fast lane: who takes it answers the request in hand. */
import { fdOfSocket } from '../process/bind.ts';
import type { FastAnswer, Reply, ReplyEnd, Seat } from './fast-lane.ts';
import type { Inbound } from './inbound.ts';
import { LaneReply } from './lane-reply.ts';
import type { LaneShare } from './lane-share.ts';
import type { LaneWriter } from './lane-writer.ts';

export type LaneSeatOptions = {
  readonly writer: Pick<LaneWriter, 'socket' | 'isClear'>;
  readonly share: LaneShare;
  /** The request in hand is not answered at once: what was answered before it has to go out first. */
  onTake(): void;
  /** Is the answer in hand the last of its connection? */
  isLast(): boolean;
  /** It is given. `isAtOnce`: by the time that `ask` returns. */
  onDone(isLast: boolean, isAtOnce: boolean): void;
};

export class LaneSeat implements Seat {
  readonly #options: LaneSeatOptions;
  #inbound: Inbound | undefined;
  #isAsking = false;
  #reply: LaneReply | undefined;
  #fd: number | undefined;

  constructor(options: LaneSeatOptions) {
    this.#options = options;
  }

  /** Lets the tier answer by and by; undefined when it leaves the request to the slow lane. */
  ask(inbound: Inbound): FastAnswer | 'later' | undefined {
    const { fastLane } = this.#options.share;
    this.#inbound = inbound;
    this.#isAsking = true;
    const answer = fastLane.serve?.(inbound, this);
    this.#isAsking = false;
    if (this.#inbound !== undefined || answer === 'later') return answer;
    // It failed when it had the seat; what it began cannot be ended.
    this.#reply?.destroy();
    return 'later';
  }

  get clearFd(): number {
    const { writer } = this.#options;
    // Asked of the handle once: it has the same as long as it lives, and nothing is asked on a connection that is gone.
    this.#fd ??= fdOfSocket(writer.socket);
    return writer.isClear ? this.#fd : -1;
  }

  take(onOver: (end: ReplyEnd) => void): Reply {
    const { writer, share, onTake, isLast, onDone } = this.#options;
    const { socket } = writer;
    const inbound = this.#inbound;
    if (inbound === undefined) throw new Error('the seat is taken');
    this.#inbound = undefined;
    onTake();
    const reply = new LaneReply({
      ...{ inbound, socket, isLast, onOver },
      scratch: share.scratch,
      tail: (hasDate, isTheLast) => share.tail(hasDate, isTheLast),
      onDone: (isTheLast) => onDone(isTheLast, this.#isAsking),
    });
    this.#reply = reply;
    return reply;
  }

  /** Is there an answer that is not written to its end? */
  get isAnswering(): boolean {
    return this.#reply?.isEnded === false && !this.#reply.isOver;
  }

  /** The request whose answer is not over. */
  get underway(): readonly Inbound[] {
    return this.#reply === undefined || this.#reply.isOver ? [] : [this.#reply.inbound];
  }

  /** The client has left. */
  abandon(): void {
    this.#reply?.abandon();
  }
}
