import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { type SocketPair, socketPair } from '@trivet/kit/testing/socket-pair.ts';
import { frame } from '../frames.ts';
import { PythonMember } from './python-member.ts';
import type { Hello } from './told.ts';

/** A member whose fork server and process a test plays; what comes of it is in one list. */
function stand(requests = 0) {
  const notes: string[] = [];
  const pairs: SocketPair[] = [];
  const note = (text: string) => void notes.push(text);
  const inFlight = Array.from({ length: requests }, () => ({ method: 'GET', target: '/', id: 'i', sinceMs: 1 }));
  const member = new PythonMember(
    { id: 7, place: 1, generation: 1 },
    { fork: ({ id }) => note(`fork ${id}`), signal: (id, name) => note(`${name} to ${id}`) },
    {
      slots: {
        add: ({ id, pid }) => note(`slot of ${id}, ${pid}`),
        retire: async () => note('retired'),
        inFlightOf: () => inFlight,
      },
      onPrinted: note,
      onHeard: () => note('heard'),
    },
    {
      onReady: () => note('ready'),
      onTired: (why) => note(`tired: ${why}`),
      onDoomed: (why) => note(`doomed: ${why}`),
      onGone: () => note('gone'),
      onEnd: ({ why }) => note(`end: ${why}`),
    },
  );
  return {
    ...{ member, notes },
    /** A connection of the worker; its own end of it. */
    async guest(is: Hello['is']) {
      const pair = await socketPair();
      pairs.push(pair);
      member.onGuest(is, pair.server);
      return pair;
    },
    async [Symbol.asyncDispose]() {
      for (const pair of pairs) await pair[Symbol.asyncDispose]();
    },
  };
}

const has = (notes: readonly string[], note: string) => eventually(() => assert.ok(notes.includes(note), notes.join()));

test('slots are given away once the worker is ready and its process known, in whichever order that comes', async () => {
  for (const isForkedFirst of [true, false]) {
    await using one = stand();
    const control = await one.guest('control');
    await one.guest('slot');
    if (isForkedFirst) one.member.onForked(99);
    control.client.write(Buffer.concat([frame('r'), frame('p', Buffer.from('{"rss":123}'))]));
    await eventually(() => assert.ok(isForkedFirst ? one.notes.includes('ready') : one.member.rssBytes === 123));
    if (!isForkedFirst) {
      assert.deepEqual(one.notes, ['fork 7']);
      one.member.onForked(99);
    }
    await one.guest('slot');
    const known = one.notes.filter((note) => note !== 'heard');
    assert.deepEqual(known, ['fork 7', 'slot of 7, 99', 'ready', 'slot of 7, 99']);
  }
});

const stops: readonly [what: string, requests: number, tired: PythonMember['tired'], expected: string][] = [
  ['that hangs is killed', 1, 'timeout', 'SIGKILL to 7'],
  ['that has requests is interrupted', 1, undefined, 'SIGINT to 7'],
  ['that has none and no connection is told by a signal', 0, undefined, 'SIGTERM to 7'],
];

for (const [what, requests, tired, expected] of stops) {
  test(`at the end of this process a worker ${what}`, () => {
    const { member, notes } = stand(requests);
    member.tired = tired;
    member.stop();
    assert.deepEqual(notes, ['fork 7', expected]);
  });
}

test('a worker that is to be replaced hears that it is draining, before what it has is over', async () => {
  await using one = stand(1);
  const control = await one.guest('control');
  await one.member.retire();
  assert.deepEqual(one.notes, ['fork 7', 'retired']);
  const [said] = await once(control.client, 'data');
  assert.equal(String(said)[0], 'd');
});

test('a worker that has nothing to do is told to end on its own connection, and not by a signal', async () => {
  await using one = stand();
  const control = await one.guest('control');
  let said = '';
  control.client.on('data', (chunk) => {
    said += chunk;
  });
  one.member.inFlight = 0;
  one.member.signal('SIGTERM');
  await eventually(() => assert.equal(said[0], 'q'));
  assert.deepEqual(one.notes, ['fork 7']);
});

const signals: readonly [state: PythonMember['state'], tired: PythonMember['tired'], expected: string][] = [
  ['leaving', undefined, 'SIGTERM to 7'],
  ['ending', undefined, 'SIGINT to 7'],
  ['ending', 'timeout', 'SIGTERM to 7'],
];

for (const [state, tired, expected] of signals) {
  test(`a worker with requests that is ${state}${tired ? ' and hangs' : ''} is sent ${expected}`, () => {
    const { member, notes } = stand(1);
    Object.assign(member, { state, tired, inFlight: 1 });
    member.signal('SIGTERM');
    assert.deepEqual(notes, ['fork 7', expected]);
  });
}

test('one that hangs is given nothing more when its stacks are asked for', () => {
  const { member, notes } = stand(1);
  member.signal('SIGABRT');
  assert.deepEqual(notes, ['fork 7', 'retired', 'SIGABRT to 7']);
});

test('one that does not keep to the protocol is doomed and killed', async () => {
  await using one = stand();
  const control = await one.guest('control');
  control.client.write(frame('Z'));
  await has(one.notes, 'SIGKILL to 7');
  assert.deepEqual(one.notes, ['fork 7', 'doomed: protocol', 'SIGKILL to 7']);
});

test('a second control connection is shown out, and the first stays', async () => {
  await using one = stand();
  const first = await one.guest('control');
  const second = await one.guest('control');
  assert.deepEqual([first.server.destroyed, second.server.destroyed], [false, true]);
});

test('its end names what it said last; it is gone before, and nothing is sent to it any more', async () => {
  await using one = stand();
  one.member.onUnborn({ problems: ['no module shop', 'really'], code: 78 });
  await has(one.notes, 'end: exit code 78: no module shop; really');
  assert.equal(await one.member.howEnded, 'exit code 78');
  one.member.signal('SIGKILL');
  one.member.onUnborn({ problems: ['again'], code: 1 });
  const late = await one.guest('slot');
  assert.deepEqual(one.notes, ['fork 7', 'gone', 'end: exit code 78: no module shop; really']);
  assert.equal(late.server.destroyed, true);
});

test('one whose fork server is gone is asked to leave, and ends with its connection', async () => {
  await using one = stand();
  const control = await one.guest('control');
  one.member.onOrphaned();
  assert.deepEqual(one.notes, ['fork 7', 'tired: asked']);
  control.client.resetAndDestroy();
  await has(one.notes, 'end: an end that nobody saw');
});
