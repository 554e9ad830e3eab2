import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { note } from '@trivet/kit/http1/answer.ts';
import { leaveAtEnd } from '@trivet/kit/http1/half-closed.ts';
import type { Inbound } from '@trivet/kit/http1/inbound.ts';

/** A request that wants to come in, be it for an answer or for a tunnel. */
export type Stage = {
  readonly inbound: Inbound;
  /** Closes when all is over. */
  readonly until: ServerResponse | Socket;
  /** Is nobody there any more? */
  hasLeft(): boolean;
  /** For the log. */
  note(why: string): void;
  /** It waits for others, or for its turn: who has no more to say is gone. */
  leaveAtEnd(): void;
};

/** The stage of a request that gets an answer. */
export function stageOfRequest({
  inbound,
  response,
}: {
  readonly inbound: Inbound;
  readonly response: ServerResponse;
}): Stage {
  return {
    ...{ inbound, until: response, hasLeft: () => response.destroyed || response.closed },
    note: (why) => note(response, { why }),
    leaveAtEnd: () => leaveAtEnd(response),
  };
}

/** The stage of an upgrade; the record of a tunnel has no place for notes. */
export function stageOfUpgrade(inbound: Inbound, socket: Socket): Stage {
  return {
    inbound,
    until: socket,
    hasLeft: () => socket.destroyed,
    note: () => undefined,
    leaveAtEnd: () => undefined,
  };
}
