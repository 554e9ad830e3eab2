import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { socketPair } from '@trivet/kit/testing/socket-pair.ts';
import { type Frames, framed } from '../testing/scripted-worker.ts';
import { FrameParser, textFrame } from './frames.ts';
import { Slot, type SlotOwner } from './slot.ts';
import type { SlotUser } from './slot-user.ts';

/** A user that notes what it is told. */
class NotingUser implements SlotUser {
  readonly notes: string[];
  isAtClient = false;
  /** What is wrong with the head, if anything. */
  why: string | undefined;

  constructor(notes: string[]) {
    this.notes = notes;
  }

  wants = (bytes: number) => void this.notes.push(`wants ${bytes}`);
  logs = (payload: Buffer) => void this.notes.push(`logs ${payload}`);
  data = (piece: Buffer) => void this.notes.push(`data ${piece}`);
  settle = () => undefined;
  isWaitingForClient = () => this.isAtClient;
  ended = () => void this.notes.push('ended');
  failed = (payload: Buffer) => void this.notes.push(`failed ${payload}`);
  leaving = () => void this.notes.push('leaving');
  late = () => void this.notes.push('late');
  broken = (why: string) => void this.notes.push(`broken: ${why}`);
  lost = () => void this.notes.push('lost');
  hung = (why: string) => void this.notes.push(`hung: ${why}`);

  hints(payload: Buffer): string | undefined {
    this.notes.push(`hints ${payload}`);
    return this.why;
  }

  head(payload: Buffer): string | undefined {
    this.notes.push(`head ${payload}`);
    return this.why;
  }
}

/** A slot whose clock a test sets, and whose owner and user write into one list. */
async function stand() {
  const pair = await socketPair();
  const notes: string[] = [];
  const clock = { now: 1000 };
  const owner: SlotOwner = {
    clock: () => clock.now,
    onFree: (_, wasServed) => void notes.push(`free ${wasServed ? 'served' : 'not served'}`),
    onLeaving: () => void notes.push('worker leaves'),
    onBroken: (_, why) => void notes.push(`worker broken: ${why}`),
    onClosed: () => void notes.push('closed'),
  };
  const slot = new Slot(1, pair.server, owner);
  const user = new NotingUser(notes);
  const heard: string[] = [];
  const parser = new FrameParser(['H', 'D', 'E', 'A'], (letter, payload) => void heard.push(`${letter}${payload}`));
  pair.client.on('data', (chunk: Buffer) => parser.push(chunk));
  return {
    ...{ slot, user, notes, clock, heard, worker: pair.client },
    ask: () => slot.ask(user, textFrame('H', 'a head') ?? ''),
    /** The worker says this, and it is heard: behind it stands what the notes have come to. */
    async says(frames: Frames, expected: readonly string[]) {
      notes.length = 0;
      pair.client.write(framed(frames));
      await eventually(() => assert.deepEqual(notes, expected));
    },
    [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose](),
  };
}

const head = ['H', '200 OK'] as const;
const bytes = (text: string) => Buffer.from(text);

test('an answer comes frame by frame, and the slot is free before its user is told of the end', async () => {
  await using one = await stand();
  one.ask();
  await eventually(() => assert.deepEqual(one.heard, ['Ha head']));
  await one.says(
    [['T'], ['G', 'a line'], head, ['D', 'ab'], ['E']],
    [...['logs a line', 'head 200 OK', 'data ab', 'free served', 'ended']],
  );
  assert.equal(one.slot.isTaken, false);
});

test('the body goes with the head, or behind it as frames', async () => {
  await using one = await stand();
  one.slot.ask(one.user, textFrame('H', 'x') ?? '', framed([['D', 'with'], ['E']]));
  one.slot.send(bytes('behind'));
  one.slot.sendEnd();
  await eventually(() => assert.deepEqual(one.heard, ['Hx', 'Dwith', 'E', 'Dbehind', 'E']));
});

const asides: readonly [what: string, frames: Frames, expected: readonly string[]][] = [
  ['hints ahead of the head are the user’s', [['T'], ['Y', 'link']], ['hints link']],
  ['hints behind the head are dropped', [['T'], head, ['Y', 'link'], ['D', 'x']], ['head 200 OK', 'data x']],
  ['credit is counted', [['T'], ['R', Buffer.from([0, 0, 1, 2])]], ['wants 258']],
  ['a failure ends the request', [['T'], ['A', '{}']], ['free served', 'failed {}']],
  ['a worker that leaves gets nothing more', [['L']], ['worker leaves', 'free not served', 'leaving']],
  ['a request that came too late was not served', [['X']], ['free not served', 'late']],
];

for (const [what, frames, expected] of asides) {
  test(what, async () => {
    await using one = await stand();
    one.ask();
    await one.says(frames, expected);
  });
}

const disorders: readonly [what: string, isAsked: boolean, frames: Frames, why: string][] = [
  ['anything that was not asked for', false, [['T']], 'a frame T while idle'],
  ['a head of what it did not take', true, [head], 'a frame H while asked'],
  ['a body without a head', true, [['T'], ['D', 'x']], 'a frame D while taken'],
  ['an end without a head', true, [['T'], ['E']], 'a frame E while taken'],
  ['a second head', true, [['T'], head, head], 'a frame H while answering'],
  ['that it leaves, behind having taken it', true, [['T'], ['L']], 'a frame L while taken'],
  ['anything behind the end', true, [['T'], head, ['E'], ['D', 'x']], 'a frame D while idle'],
  ['credit that is none', true, [['T'], ['R', 'abc']], 'a frame R of 3 bytes'],
  ['a frame that there is not', true, [['Q']], 'a frame of the unknown type 81'],
];

for (const [what, isAsked, frames, why] of disorders) {
  test(`a worker that says ${what} is broken, and its connection is closed`, async () => {
    await using one = await stand();
    if (isAsked) one.ask();
    one.worker.write(framed(frames));
    await eventually(() => assert.ok(one.notes.includes(`worker broken: ${why}`), one.notes.join()));
    await eventually(() => assert.ok(one.notes.includes('closed')));
    const isUsers = isAsked && !frames.some(([letter]) => letter === 'E' && why.endsWith('idle'));
    assert.equal(one.notes.includes(`broken: ${why}`), isUsers);
    assert.ok(!one.notes.includes('lost'));
  });
}

test('a head that is none breaks the worker', async () => {
  await using one = await stand();
  one.user.why = 'a head without a status';
  one.ask();
  one.worker.write(framed([['T'], head]));
  await eventually(() => assert.ok(one.notes.includes('worker broken: a head without a status')));
});

test('what is not wanted any more is read to its end, and nobody hears of it', async () => {
  await using one = await stand();
  one.ask();
  one.slot.abort('the client left');
  await eventually(() => assert.deepEqual(one.heard, ['Ha head', 'Athe client left']));
  await one.says([['T'], head, ['D', 'x'], ['E']], ['free served']);
  one.ask();
  await one.says([['T'], head], ['head 200 OK']);
});

test('a request that is not wanted and not taken was not served', async () => {
  for (const [letter, expected] of [
    ['X', ['free not served']],
    ['L', ['worker leaves', 'free not served']],
  ] as const) {
    await using one = await stand();
    one.ask();
    one.slot.abort('the client left');
    await one.says([[letter]], expected);
  }
});

test('to give up what is not there is nothing', async () => {
  await using one = await stand();
  one.slot.abort('the client left');
  one.ask();
  await eventually(() => assert.deepEqual(one.heard, ['Ha head']));
});

test('a connection that closes is told of before its user asks whether the request was taken', async () => {
  await using one = await stand();
  const taken: boolean[] = [];
  one.user.lost = () => void taken.push(one.slot.isTaken);
  one.ask();
  await one.says([['T'], ['G', 'x']], ['logs x']);
  one.worker.resetAndDestroy();
  await eventually(() => assert.deepEqual(taken, [true]));
  assert.deepEqual(one.notes, ['logs x', 'closed']);
  assert.equal(one.slot.isTaken, false);
});

test('silence counts from the last that was heard or sent', async () => {
  await using one = await stand();
  one.clock.now += 5000;
  assert.equal(one.slot.whyHung(100), undefined, 'who is asked nothing may be silent');
  one.ask();
  one.clock.now += 99;
  assert.equal(one.slot.whyHung(100), undefined);
  await one.says([['T'], ['G', 'x']], ['logs x']);
  one.clock.now += 99;
  assert.equal(one.slot.whyHung(100), undefined);
  one.slot.send(bytes('x'));
  one.clock.now += 99;
  assert.equal(one.slot.whyHung(100), undefined);
  one.clock.now += 1;
  assert.equal(one.slot.whyHung(100), 'the worker was silent for 100ms');
  assert.deepEqual(one.notes, ['logs x', 'hung: the worker was silent for 100ms']);
  assert.equal(one.slot.whyHung(100), undefined, 'once');
  await eventually(() => assert.equal(one.notes.at(-1), 'closed'));
});

test('silence is no fault of a worker that waits for the client, nor time that is forgiven', async () => {
  await using one = await stand();
  one.ask();
  one.user.isAtClient = true;
  one.clock.now += 900;
  assert.equal(one.slot.whyHung(100), undefined);
  one.user.isAtClient = false;
  one.clock.now += 150;
  one.slot.forgive(60);
  assert.equal(one.slot.whyHung(100), undefined);
  one.slot.forgive(1_000_000);
  one.clock.now += 100;
  assert.match(one.slot.whyHung(100) ?? '', /silent/, 'nobody is forgiven ahead of time');
});

test('what is not wanted has to end in time, however much still comes of it', async () => {
  await using one = await stand();
  one.ask();
  await one.says([['T'], head], ['head 200 OK']);
  one.slot.abort('the client left');
  one.clock.now += 60;
  const read = one.worker.bytesWritten;
  one.worker.write(framed([['D', 'more']]));
  await eventually(() => assert.ok(one.worker.bytesWritten > read));
  await new Promise(setImmediate);
  one.clock.now += 60;
  assert.match(one.slot.whyHung(100) ?? '', /^the worker did not end within 100ms what was not wanted/);
  assert.ok(!one.notes.some((note) => note.startsWith('hung')));
});

test('a slot that is paused takes nothing, and time paused is no silence', async () => {
  await using one = await stand();
  one.ask();
  await one.says([['T'], head], ['head 200 OK']);
  one.slot.pause();
  one.worker.write(framed([['D', 'x']]));
  await new Promise(setImmediate);
  assert.deepEqual(one.notes, ['head 200 OK']);
  one.clock.now += 500;
  one.slot.resume();
  assert.equal(one.slot.whyHung(100), undefined);
  await eventually(() => assert.equal(one.notes.at(-1), 'data x'));
});
