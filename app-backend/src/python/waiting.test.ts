import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { type PythonStand, testLanes } from '../testing/python-stand.ts';
import { answerFrames } from '../testing/scripted-worker.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

async function waitingAre(stand: PythonStand, queued: number): Promise<void> {
  await eventually(() => assert.equal(stand.dispatcher.numbers.queued, queued));
}

describe('requests that wait for a slot', () => {
  testLanes('beyond the limit are 503 with Retry-After', async (open) => {
    await using stand = await open({ queue: 1 });
    const first = fetch(stand.url);
    await waitingAre(stand, 1);
    const second = await fetch(stand.url);
    assert.deepEqual([second.status, second.headers.get('retry-after')], [503, '1']);
    await stand.slot(1, (_, self) => self.send(...answerFrames('')));
    assert.equal((await first).status, 200);
    assert.equal(stand.dispatcher.numbers.full, 1);
  });

  testLanes('for too long are 504', async (open) => {
    await using stand = await open({ queueTimeoutMs: 20 });
    const response = await fetch(stand.url);
    assert.equal(response.status, 504);
    assert.match(await response.text(), /queue-late/);
    assert.deepEqual([stand.dispatcher.numbers.late, stand.dispatcher.numbers.queued], [1, 0]);
  });

  testLanes('in vain are 503 at once, those that come then too, until there is a worker', async (open) => {
    await using stand = await open();
    const waiting = fetch(stand.url);
    await waitingAre(stand, 1);
    stand.dispatcher.setHopeless(true);
    for (const answer of [await waiting, await fetch(stand.url)]) {
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5']);
      assert.match(answer.headers.get('proxy-status') ?? '', /^app-backend;error=destination_unavailable/);
      assert.match(await answer.text(), /no-worker/);
    }
    assert.deepEqual([stand.dispatcher.numbers.late, stand.dispatcher.numbers.queued], [0, 0]);
    await stand.slot(1, (_, self) => self.send(...answerFrames('')));
    stand.dispatcher.setHopeless(false);
    assert.equal((await fetch(stand.url)).status, 200);
  });

  testLanes('again, because the last worker has gone, do not where there is no hope', async (open) => {
    await using stand = await open();
    const slot = await stand.slot(1, () => undefined);
    const asked = fetch(stand.url);
    await eventually(() => assert.equal(slot.asked.length, 1));
    stand.dispatcher.setHopeless(true);
    slot.send(['L', '']);
    const answer = await asked;
    assert.equal(answer.status, 503);
    assert.match(await answer.text(), /no-worker/);
  });

  testLanes('whose client leaves are taken off the queue', async (open) => {
    await using stand = await open();
    const client = await rawConnect(stand.port);
    await client.write(get);
    await waitingAre(stand, 1);
    client.socket.destroy();
    await waitingAre(stand, 0);
    const slot = await stand.slot(1, (_, self) => self.send(...answerFrames('')));
    assert.equal((await fetch(stand.url)).status, 200);
    assert.equal(slot.asked.length, 1);
  });

  testLanes('are counted by how long they waited', async (open) => {
    await using stand = await open();
    const answer = fetch(stand.url);
    await waitingAre(stand, 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await stand.slot(1, (_, self) => self.send(...answerFrames('')));
    await answer;
    await fetch(stand.url);
    const { queueWait } = stand.dispatcher.numbers;
    const [first, , third] = queueWait.cumulative();
    assert.ok((first ?? 0) <= 1 && (third ?? 0) <= 1, String(queueWait.cumulative()));
    assert.equal(queueWait.cumulative().at(-1), 2);
    assert.ok(queueWait.sum() >= 0.019);
  });
});

testLanes('a hundred idle clients and a hundred half-sent requests occupy no slot and delay nobody', async (open) => {
  await using stand = await open();
  const slot = await stand.slot(1, (_, self) => self.send(...answerFrames('hello')));
  await using own = new AsyncDisposableStack();
  for (let i = 0; i < 100; i++) {
    own.use(await rawConnect(stand.port));
    const half = own.use(await rawConnect(stand.port));
    const body = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc';
    await half.write(i % 2 === 0 ? 'GET / HTTP/1.1\r\nHo' : body);
  }
  assert.equal(await (await fetch(stand.url)).text(), 'hello');
  assert.deepEqual([slot.asked.length, stand.dispatcher.numbers.busy, stand.dispatcher.numbers.queued], [1, 0, 0]);
});

describe('a client that leaves', () => {
  testLanes('aborts its request; the slot is free once the worker says so', async (open) => {
    await using stand = await open();
    const slot = await stand.slot();
    const client = await rawConnect(stand.port);
    await client.write(get);
    const request = await slot.next();
    slot.send(['T'], ['H', '200 OK'], ['D', 'abc']);
    await client.readUntil('abc');
    client.socket.destroy();
    await eventually(() => assert.equal(request.aborted, 'the client left'));
    assert.deepEqual([stand.dispatcher.numbers.busy, stand.pool.served], [1, []]);
    slot.send(['D', 'dropped'], ['G', 'dropped'], ['A', '{}']);
    await eventually(() => assert.deepEqual([stand.dispatcher.numbers.idle, stand.pool.served], [1, [1]]));
    assert.equal(stand.records[0]?.outcome, 'client-left');
    const next = fetch(stand.url);
    await slot.next();
    slot.send(...answerFrames('next'));
    assert.equal(await (await next).text(), 'next');
  });

  testLanes('whose worker does not end it in time costs that worker its life', async (open) => {
    await using stand = await open({ timeoutMs: 50 });
    const slot = await stand.slot(1, (_, self) => self.send(['T']));
    const client = await rawConnect(stand.port);
    await client.write(get);
    await slot.next();
    client.socket.destroy();
    await eventually(() => assert.match(stand.pool.notes[0] ?? '', /^1 hung: the worker did not end within 50ms/));
    await eventually(() => assert.ok(slot.socket.destroyed));
    assert.equal(stand.dispatcher.inFlightOf(1)[0]?.target, '/');
  });
});

testLanes('a worker that goes on with what nobody wants any more is hung, though it is not silent', async (open) => {
  await using stand = await open({ timeoutMs: 60 });
  const slot = await stand.slot();
  const client = await rawConnect(stand.port);
  await client.write(get);
  await slot.next();
  slot.send(['T'], ['H', '200 OK']);
  const talk = setInterval(() => slot.send(['D', 'x']), 5);
  await client.readUntil('200 OK');
  client.socket.destroy();
  await eventually(() => assert.match(stand.pool.notes[0] ?? '', /^1 hung: the worker did not end within 60ms/));
  clearInterval(talk);
});

describe('a worker that is silent', () => {
  testLanes('for too long: 504, and the pool is told', async (open) => {
    await using stand = await open({ timeoutMs: 50 });
    await stand.slot(1, (_, self) => self.send(['T']));
    const response = await fetch(stand.url);
    assert.equal(response.status, 504);
    assert.match(await response.text(), /timeout-first-byte/);
    assert.deepEqual(stand.pool.notes, ['1 hung: the worker was silent for 50ms']);
  });

  testLanes('behind the head: the transfer breaks', async (open) => {
    await using stand = await open({ timeoutMs: 50 });
    await stand.slot(1, (_, self) => self.send(['T'], ['H', '200 OK'], ['D', 'abc']));
    const answer = await rawExchange(stand.port, get);
    assert.doesNotMatch(answer, /\r\n0\r\n\r\n$/);
    await eventually(() => assert.equal(stand.records[0]?.fault?.reason, 'timeout-between-bytes'));
  });

  testLanes('while this process itself stood still is not hung', async (open) => {
    await using stand = await open({ timeoutMs: 80 });
    const slot = await stand.slot(1, (_, self) => self.send(['T']));
    const answer = fetch(stand.url);
    await slot.next();
    const until = performance.now() + 300;
    while (performance.now() < until);
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    slot.send(...answerFrames('alive').slice(1));
    assert.equal(await (await answer).text(), 'alive');
    assert.deepEqual(stand.pool.notes, []);
  });

  testLanes('not for so long, again and again, is not hung', async (open) => {
    await using stand = await open({ timeoutMs: 200 });
    const slot = await stand.slot();
    const answer = fetch(stand.url);
    await slot.next();
    slot.send(['T'], ['H', '200 OK']);
    for (let i = 0; i < 6; i++) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      slot.send(['D', '.']);
    }
    slot.send(['E']);
    assert.equal(await (await answer).text(), '......');
    assert.deepEqual(stand.pool.notes, []);
  });
});

testLanes('the deadline of a request is 504 and an abort; the worker that ends it stays', async (open) => {
  await using stand = await open({ requestTimeoutMs: 30 });
  const slot = await stand.slot(1, (_, self) => self.send(['T']));
  const response = await fetch(stand.url);
  assert.equal(response.status, 504);
  await eventually(() => assert.match(slot.asked[0]?.aborted ?? '', /did not answer in 30ms/));
  slot.send(['E']);
  await eventually(() => assert.equal(stand.dispatcher.numbers.idle, 1));
  assert.deepEqual(stand.pool.notes, []);
});
