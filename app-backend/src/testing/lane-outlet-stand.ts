import type { Reply, ReplyEnd, ReplyHead } from '@trivet/kit/http1/fast-lane.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';
import type { ExchangeNote } from '@trivet/kit/process/exchange-record.ts';
import { LaneAnswer, LaneOutlet } from '../gateway/lane-outlet.ts';
import { anInbound } from './an-inbound.ts';

/** The lane's side of an exchange that is answered by and by: it keeps what is written, and is taken at once. */
class KeptReply implements Reply {
  readonly events: string[] = [];
  readonly waiting = 7;
  readonly onOver: (end: ReplyEnd) => void;
  isOver = false;
  lastHead: ReplyHead | undefined;

  constructor(onOver: (end: ReplyEnd) => void) {
    this.onOver = onOver;
  }

  head(head: ReplyHead): void {
    this.lastHead = head;
    this.events.push(`head ${head.status}`);
  }

  inform(head: string): void {
    this.events.push(`inform ${head}`);
  }

  write(block: Uint8Array): void {
    this.events.push(`block ${Buffer.from(block).toString()}`);
  }

  ready(): undefined {
    this.events.push('ready');
  }

  flush(): void {
    this.events.push('flush');
  }

  end(last?: Uint8Array): void {
    this.events.push(last === undefined ? 'end' : `end ${Buffer.from(last).toString()}`);
  }

  destroy(): void {
    this.events.push('destroy');
  }
}

type Concluded = { readonly end: ReplyEnd; readonly extra: ExchangeNote | undefined };

/** An outlet, the replies that it took the seat for, and what was concluded. */
export function laneOutletStand(differences: Partial<Inbound> = {}) {
  const replies: KeptReply[] = [];
  const concluded: Concluded[] = [];
  const seat = {
    clearFd: -1,
    take(onOver: (end: ReplyEnd) => void) {
      const reply = new KeptReply(onOver);
      replies.push(reply);
      return reply;
    },
  };
  const outlet = new LaneOutlet(anInbound(differences), {
    seat,
    serverTiming: false,
    conclude: (_, end, extra) => void concluded.push({ end, extra }),
  });
  const settled = () => {
    const answer = outlet.settle();
    if (!(answer instanceof LaneAnswer)) throw new Error('the answer comes by and by');
    return answer;
  };
  return { outlet, replies, concluded, settled };
}
