// A listener whose fast lane takes requests, which the test answers by and by.
import assert from 'node:assert/strict';
import type { FastLane, Reply, ReplyEnd } from '../http1/fast-lane.ts';
import type { Limits } from '../http1/node-server.ts';
import { eventually } from './eventually.ts';
import { type TestListener, testListener } from './test-listener.ts';

type Taken = { readonly target: string; readonly reply: Reply };
/** A listener whose fast lane takes requests for the test to answer. */
export type ReplyStand = TestListener & {
  /** What was taken and is answered by the test. */
  readonly taken: Taken[];
  readonly ends: ReplyEnd[];
  readonly slow: string[];
};

type Options = {
  readonly limits?: Partial<Limits>;
  readonly answersHalfClosed?: boolean;
  readonly serve?: FastLane['serve'];
};

/** `/slow` is left to the slow lane; all else is taken. */
export async function replyStand({ serve, ...options }: Options = {}): Promise<ReplyStand> {
  const taken: Taken[] = [];
  const ends: ReplyEnd[] = [];
  const slow: string[] = [];
  const fastLane: FastLane = {
    answer: () => undefined,
    serve:
      serve ??
      ((inbound, seat) => {
        if (inbound.target.startsWith('/slow')) return undefined;
        taken.push({ target: inbound.target, reply: seat.take((end) => void ends.push(end)) });
        return 'later';
      }),
    onAnswered: () => undefined,
  };
  const server = await testListener({
    ...options,
    fastLane,
    onRequest: (inbound, response) => {
      slow.push(inbound.target);
      response.writeHead(200, ['Content-Length', '4']).end('slow');
    },
  });
  return Object.assign(server, { taken, ends, slow });
}

/** A head that announces a body of so many bytes. */
export const sized = (length: number) =>
  ({
    status: 200,
    head: `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n`,
    hasDate: false,
    framing: 'sized',
  }) as const;
/** One of a body whose length is not known. */
export const chunked = { status: 200, head: 'HTTP/1.1 200 OK\r\n', hasDate: false, framing: 'chunked' } as const;
/** Text as a block. */
export const bytes = (text: string) => Buffer.from(text);

/** The answer that is to be made next. */
export async function next({ taken }: ReplyStand): Promise<Reply> {
  await eventually(() => assert.ok(taken.length > 0));
  const first = taken.shift();
  assert.ok(first);
  return first.reply;
}

/** Answers with a text. */
export function give(reply: Reply, text: string): void {
  reply.head(sized(text.length));
  reply.write(bytes(text));
  reply.end();
}
