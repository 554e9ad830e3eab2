import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { socketPair } from '@trivet/kit/testing/socket-pair.ts';
import { deafUser } from '../testing/deaf-user.ts';
import { FrameParser } from './frames.ts';
import { Slot } from './slot.ts';
import { isReplayable, type RequestBody, sentAtOnce, Upload } from './upload.ts';

const k64 = 64 * 1024;
const here = (body: Buffer): RequestBody => ({ kind: 'here', body });
const onDisk = (text: string): RequestBody => ({
  kind: 'here',
  body: { length: text.length, open: () => Readable.from([Buffer.from(text)]) },
});
const coming = (source: Readable, limit = 100): RequestBody => ({ kind: 'coming', source, limit });

/** An upload into a slot whose other end keeps what comes. */
async function stand(body: RequestBody) {
  const pair = await socketPair();
  const clock = { now: 0 };
  const nothing = () => undefined;
  const owner = { onFree: nothing, onLeaving: nothing, onBroken: nothing, onClosed: nothing };
  const slot = new Slot(1, pair.server, { clock: () => clock.now, ...owner });
  const come = { letters: '', bytes: '' };
  const parser = new FrameParser(['D', 'E'], (letter, payload) => {
    come.letters += letter;
    come.bytes += payload.toString('latin1');
  });
  pair.client.on('data', (chunk: Buffer) => parser.push(chunk));
  const faults: unknown[] = [];
  const upload = new Upload(body, slot, (fault) => void faults.push(fault));
  return {
    ...{ upload, slot, clock, come, faults, bytesRead: () => pair.client.bytesRead },
    [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose](),
  };
}

const bodies: readonly [what: string, body: RequestBody | undefined, isAgain: boolean, atOnce: number | undefined][] = [
  ['no body', undefined, true, undefined],
  ['an empty one', here(Buffer.alloc(0)), true, 10],
  ['one of 64 KiB', here(Buffer.alloc(k64)), true, k64 + 10],
  ['a byte more', here(Buffer.alloc(k64 + 1)), true, undefined],
  ['one on the disk', onDisk('x'), true, undefined],
  ['one that still comes', coming(new PassThrough()), false, undefined],
];

for (const [what, body, isAgain, atOnce] of bodies) {
  test(`${what} can ${isAgain ? '' : 'not '}be sent again; with the head go ${atOnce ?? 'none of its'} bytes`, () => {
    assert.deepEqual([isReplayable(body), sentAtOnce(body)?.length], [isAgain, atOnce]);
  });
}

test('nothing is sent, and nothing read, before the worker asks', async () => {
  const source = new PassThrough();
  await using one = await stand(coming(source));
  source.write('abc');
  await new Promise(setImmediate);
  assert.deepEqual([one.come.letters, source.readableLength, one.upload.isWaitingForClient], ['', 3, false]);
});

test('no more is sent than was asked for, and what is left is sent when it is', async () => {
  await using one = await stand(here(Buffer.from('abcdef')));
  one.upload.wants(2);
  await eventually(() => assert.equal(one.come.bytes, 'ab'));
  one.upload.wants(1);
  await eventually(() => assert.equal(one.come.bytes, 'abc'));
  one.upload.wants(1000);
  await eventually(() => assert.deepEqual(one.come, { letters: 'DDDE', bytes: 'abcdef' }));
});

for (const [what, body] of [
  ['in memory', here(Buffer.from('abc'))],
  ['on the disk', onDisk('abc')],
] as const) {
  test(`the end of a body ${what} comes with its last byte, unasked`, async () => {
    await using one = await stand(body);
    one.upload.wants(3);
    await eventually(() => assert.deepEqual(one.come, { letters: 'DE', bytes: 'abc' }));
  });
}

test('a large body goes in frames of 64 KiB at most', async () => {
  await using one = await stand(here(Buffer.alloc(3 * k64 + 1, 'x')));
  one.upload.wants(10 * k64);
  await eventually(() => assert.equal(one.come.bytes.length, 3 * k64 + 1));
  const frames = 4 + 1;
  await eventually(() => assert.equal(one.bytesRead(), 3 * k64 + 1 + 5 * frames));
});

test('a worker that waits for its client is known to, and its silence begins when that is over', async () => {
  const source = new PassThrough();
  await using one = await stand(coming(source));
  one.slot.ask({ ...deafUser, isWaitingForClient: () => one.upload.isWaitingForClient }, '');
  one.upload.wants(10);
  assert.equal(one.upload.isWaitingForClient, true);
  one.clock.now = 500;
  source.write('abc');
  await eventually(() => assert.equal(one.come.bytes, 'abc'));
  assert.equal(one.slot.whyHung(100), undefined);
  source.end();
  await eventually(() => assert.equal(one.come.letters, 'DE'));
  assert.equal(one.upload.isWaitingForClient, false);
});

test('a body that is here is never waited for', async () => {
  await using one = await stand(onDisk('abc'));
  one.upload.wants(10);
  assert.equal(one.upload.isWaitingForClient, false);
});

for (const [limit, reason] of [
  [6, undefined],
  [5, 'body-too-large'],
] as const) {
  test(`of a body of 6 bytes that comes, a limit of ${limit} thinks ${reason ?? 'nothing'}`, async () => {
    const source = new PassThrough();
    await using one = await stand(coming(source, limit));
    one.upload.wants(100);
    source.write('abc');
    await eventually(() => assert.equal(one.come.bytes, 'abc'));
    source.end('def');
    if (reason === undefined) await eventually(() => assert.deepEqual(one.come, { letters: 'DDE', bytes: 'abcdef' }));
    else await eventually(() => assert.equal((one.faults[0] as { reason?: string } | undefined)?.reason, reason));
    assert.equal(one.come.bytes.includes('def'), reason === undefined);
  });
}

test('a body that breaks off is a fault, unless nobody wants it any more', async () => {
  for (const isWanted of [true, false]) {
    const source = new PassThrough();
    await using one = await stand(coming(source));
    one.upload.wants(100);
    if (!isWanted) one.upload.stop();
    source.destroy(new Error('cut'));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.deepEqual(one.faults.map(String), isWanted ? ['Error: cut'] : []);
    assert.equal(one.come.letters, '');
  }
});

test('an upload that was stopped sends nothing more, and closes what it had open', async () => {
  let opened: Readable | undefined;
  const body: RequestBody = {
    kind: 'here',
    body: {
      length: 6,
      open: () => {
        opened = Readable.from([Buffer.from('abc'), Buffer.from('def')]);
        return opened;
      },
    },
  };
  await using one = await stand(body);
  one.upload.wants(3);
  await eventually(() => assert.equal(one.come.bytes, 'abc'));
  one.upload.stop();
  one.upload.wants(3);
  await new Promise(setImmediate);
  assert.deepEqual([one.come.bytes, opened?.destroyed], ['abc', true]);
});
