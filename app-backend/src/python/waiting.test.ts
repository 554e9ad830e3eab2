import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { type PythonStand, pythonStand } from '../testing/python-stand.ts';
import { answerFrames } from '../testing/scripted-worker.ts';

const MB = 1024 * 1024;
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

async function waitingAre(stand: PythonStand, queued: number): Promise<void> {
  await eventually(() => assert.equal(stand.dispatcher.numbers.queued, queued));
}

describe('requests that wait for a slot', () => {
  test('beyond the limit are 503 with Retry-After', async () => {
    await using stand = await pythonStand({ queue: 1 });
    const first = fetch(stand.url);
    await waitingAre(stand, 1);
    const second = await fetch(stand.url);
    assert.deepEqual([second.status, second.headers.get('retry-after')], [503, '1']);
    await stand.slot(1, (_, self) => self.send(...answerFrames('')));
    assert.equal((await first).status, 200);
    assert.equal(stand.dispatcher.numbers.full, 1);
  });

  test('for too long are 504', async () => {
    await using stand = await pythonStand({ queueTimeoutMs: 20 });
    const response = await fetch(stand.url);
    assert.equal(response.status, 504);
    assert.match(await response.text(), /queue-late/);
    assert.deepEqual([stand.dispatcher.numbers.late, stand.dispatcher.numbers.queued], [1, 0]);
  });

  test('whose client leaves are taken off the queue', async () => {
    await using stand = await pythonStand();
    const client = await rawConnect(stand.port);
    await client.write(get);
    await waitingAre(stand, 1);
    client.socket.destroy();
    await waitingAre(stand, 0);
    const slot = await stand.slot(1, (_, self) => self.send(...answerFrames('')));
    assert.equal((await fetch(stand.url)).status, 200);
    assert.equal(slot.asked.length, 1);
  });

  test('are counted by how long they waited', async () => {
    await using stand = await pythonStand();
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

test('a hundred idle clients and a hundred half-sent requests occupy no slot and delay nobody', async () => {
  await using stand = await pythonStand();
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
  test('aborts its request; the slot is free once the worker says so', async () => {
    await using stand = await pythonStand();
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

  test('whose worker does not end it in time costs that worker its life', async () => {
    await using stand = await pythonStand({ timeoutMs: 50 });
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

test('a worker that goes on with what nobody wants any more is hung, though it is not silent', async () => {
  await using stand = await pythonStand({ timeoutMs: 60 });
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
  test('for too long: 504, and the pool is told', async () => {
    await using stand = await pythonStand({ timeoutMs: 50 });
    await stand.slot(1, (_, self) => self.send(['T']));
    const response = await fetch(stand.url);
    assert.equal(response.status, 504);
    assert.match(await response.text(), /timeout-first-byte/);
    assert.deepEqual(stand.pool.notes, ['1 hung: the worker was silent for 50ms']);
  });

  test('behind the head: the transfer breaks', async () => {
    await using stand = await pythonStand({ timeoutMs: 50 });
    await stand.slot(1, (_, self) => self.send(['T'], ['H', '200 OK'], ['D', 'abc']));
    const answer = await rawExchange(stand.port, get);
    assert.doesNotMatch(answer, /\r\n0\r\n\r\n$/);
    await eventually(() => assert.equal(stand.records[0]?.fault?.reason, 'timeout-between-bytes'));
  });

  test('not for so long, again and again, is not hung', async () => {
    await using stand = await pythonStand({ timeoutMs: 200 });
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

test('the deadline of a request is 504 and an abort; the worker that ends it stays', async () => {
  await using stand = await pythonStand({ requestTimeoutMs: 30 });
  const slot = await stand.slot(1, (_, self) => self.send(['T']));
  const response = await fetch(stand.url);
  assert.equal(response.status, 504);
  await eventually(() => assert.match(slot.asked[0]?.aborted ?? '', /did not answer in 30ms/));
  slot.send(['E']);
  await eventually(() => assert.equal(stand.dispatcher.numbers.idle, 1));
  assert.deepEqual(stand.pool.notes, []);
});

describe('a client that reads slowly', () => {
  test('of 200 MB: so much waits here and no more, and the rest with the worker', async () => {
    await using stand = await pythonStand();
    const block = Buffer.alloc(64 * 1024, 'x');
    const total = 200 * MB;
    let sent = 0;
    await stand.slot(1, (_, self) => {
      self.send(['T'], ['H', `200 OK\0Content-Length\0${total}`]);
      const more = () => {
        while (sent < total) {
          sent += block.length;
          self.send(['D', block]);
          if (self.socket.writableNeedDrain) return void self.socket.once('drain', more);
        }
        self.send(['E']);
      };
      more();
    });
    await using client = await rawConnect(stand.port);
    client.socket.removeAllListeners('data').pause();
    await client.write(get);
    let most = 0;
    let taken = 0;
    const watch = setInterval(() => {
      most = Math.max(most, stand.responses[0]?.writableLength ?? 0);
    }, 1);
    await eventually(() => assert.ok((stand.responses[0]?.writableLength ?? 0) > 64 * 1024));
    client.socket.on('data', (chunk: Buffer) => {
      taken += chunk.length;
      client.socket.pause();
      setImmediate(() => client.socket.resume());
    });
    client.socket.resume();
    await eventually(() => assert.ok(taken >= total), 60_000);
    clearInterval(watch);
    // Beyond the limit, what was read at once with what passed it.
    assert.ok(most <= (256 + 128) * 1024, `${most} bytes waited`);
    await eventually(() => assert.equal(stand.dispatcher.numbers.idle, 1));
  });

  test('of an answer that may wait here: the slot is free for others', async () => {
    await using stand = await pythonStand();
    const large = 'x'.repeat(200 * 1024);
    await stand.slot(1, ({ variables }, self) => {
      self.send(...answerFrames(variables.PATH_INFO === '/large' ? large : 'small'));
    });
    await using client = await rawConnect(stand.port);
    client.socket.pause();
    await client.write('GET /large HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually(() => assert.equal(stand.dispatcher.numbers.idle, 1));
    assert.equal(await (await fetch(`${stand.url}/small`)).text(), 'small');
  });

  test('is not the worker’s silence', async () => {
    await using stand = await pythonStand({ timeoutMs: 60 });
    const body = Buffer.alloc(12 * MB, 'x');
    await stand.slot(1, (_, self) => {
      self.send(['T'], ['H', `200 OK\0Content-Length\0${body.length}`]);
      for (let at = 0; at < body.length; at += MB) self.send(['D', body.subarray(at, at + MB)]);
      self.send(['E']);
    });
    await using client = await rawConnect(stand.port);
    client.socket.pause();
    await client.write(get);
    await eventually(() => assert.equal(stand.dispatcher.numbers.busy, 1));
    await stand.slot(2);
    void stand.dispatcher.retire(1);
    assert.equal((await fetch(stand.url)).status, 504);
    assert.deepEqual(stand.pool.notes, ['2 hung: the worker was silent for 60ms']);
    client.socket.resume();
    await eventually(() => assert.ok(client.received.length > body.length));
  });
});
