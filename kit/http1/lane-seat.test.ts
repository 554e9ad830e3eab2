import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { bytes, give, sized } from '../testing/reply-stand.ts';
import { type SocketPair, socketPair } from '../testing/socket-pair.ts';
import type { FastLane, Reply, ReplyEnd, Seat } from './fast-lane.ts';
import type { Inbound } from './inbound.ts';
import { LaneSeat } from './lane-seat.ts';
import type { LaneShare } from './lane-share.ts';
import { Scratch } from './lane-writer.ts';

type Serve = NonNullable<FastLane['serve']>;

const inbound = { id: 'a', method: 'GET', target: '/', receivedAt: performance.now() } as Inbound;
const answer = { status: 200, head: '', hasDate: false, body: [] } as const;

/** The seat of a lane on one end of a connection. */
function seatOf({ server }: SocketPair, serve?: Serve, isLast = false) {
  const heard: string[] = [];
  const writer = { socket: server, isClear: true };
  const share = {
    fastLane: { answer: () => undefined, onAnswered: () => undefined, ...(serve && { serve }) },
    scratch: new Scratch(),
    tail: () => bytes('\r\n'),
  } as unknown as LaneShare;
  const seat = new LaneSeat({
    writer,
    share,
    isLast: () => isLast,
    onTake: () => heard.push('taken'),
    onDone: (isTheLast, isAtOnce) =>
      heard.push(`done ${isTheLast ? 'last' : 'not last'} ${isAtOnce ? 'now' : 'later'}`),
  });
  return { seat, heard, writer };
}

const answering: Serve = (_, seat) => {
  const reply = seat.take(() => undefined);
  give(reply, 'x');
  return 'later';
};

describe('a seat', () => {
  for (const found of [answer, 'later', undefined] as const) {
    test(`that nobody takes gives what the tier says: ${typeof found === 'object' ? 'an answer' : found}`, async () => {
      await using pair = await socketPair();
      const { seat, heard } = seatOf(pair, () => found);
      assert.deepEqual([seat.ask(inbound), heard, seat.underway], [found, [], []]);
    });
  }

  test('of a tier that takes none is the slow lane’s', async () => {
    await using pair = await socketPair();
    assert.equal(seatOf(pair).seat.ask(inbound), undefined);
  });

  for (const isLast of [true, false]) {
    test(`is taken and answered within the question, the last: ${isLast}`, async () => {
      await using pair = await socketPair();
      const { seat, heard } = seatOf(pair, answering, isLast);
      assert.equal(seat.ask(inbound), 'later');
      assert.deepEqual(heard, ['taken', `done ${isLast ? 'last' : 'not last'} now`]);
      assert.deepEqual([seat.isAnswering, seat.underway], [false, []]);
    });
  }

  test('is taken, and answered by and by: the request is underway so long', async () => {
    await using pair = await socketPair();
    const ends: ReplyEnd[] = [];
    let reply: Reply | undefined;
    const { seat, heard } = seatOf(pair, (_, given) => {
      reply = given.take((end) => void ends.push(end));
      return 'later';
    });
    assert.equal(seat.isAnswering, false);
    seat.ask(inbound);
    assert.deepEqual([seat.isAnswering, seat.underway], [true, [inbound]]);
    assert.ok(reply);
    give(reply, 'x');
    await eventually(() => assert.deepEqual(heard, ['taken', 'done not last later']));
    assert.deepEqual([seat.isAnswering, seat.underway, ends[0]?.outcome], [false, [], 'done']);
  });

  test('is left by a client whose answer is over then, and is no more answered', async () => {
    await using pair = await socketPair();
    const ends: ReplyEnd[] = [];
    const { seat } = seatOf(pair, (_, given) => {
      given.take((end) => void ends.push(end));
      return 'later';
    });
    seat.abandon();
    seat.ask(inbound);
    seat.abandon();
    assert.deepEqual([ends[0]?.outcome, seat.isAnswering, seat.underway], ['client-left', false, []]);
  });

  test('that was taken by one who then leaves it to the slow lane is cut: nobody else may answer', async () => {
    await using pair = await socketPair();
    const { seat } = seatOf(pair, (_, given) => {
      given.take(() => undefined).head(sized(1));
      return undefined;
    });
    assert.equal(seat.ask(inbound), 'later');
    assert.equal(pair.server.destroyed, true);
  });

  test('is taken once for each request, and again for the next', async () => {
    await using pair = await socketPair();
    const given: Seat[] = [];
    const { seat } = seatOf(pair, (_, one) => {
      given.push(one);
      return answering(_, one);
    });
    seat.ask(inbound);
    assert.throws(() => given[0]?.take(() => undefined), /the seat is taken/);
    assert.equal(seat.ask(inbound), 'later');
  });

  test('has the number of the connection only while nothing is on its way on it', async () => {
    await using pair = await socketPair();
    const { seat, writer } = seatOf(pair);
    const fd = seat.clearFd;
    assert.ok(fd > 2);
    writer.isClear = false;
    assert.equal(seat.clearFd, -1);
    writer.isClear = true;
    assert.equal(seat.clearFd, fd);
  });
});
