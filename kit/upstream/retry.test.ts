import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { passingTier } from '../testing/passing-tier.ts';
import { rawExchange } from '../testing/raw-client.ts';
import { rawOrigin } from '../testing/scripted-origin.ts';
import { outbound, send, testUpstream } from '../testing/upstream-stand.ts';

const answer = (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
const turn = () => new Promise((done) => setImmediate(done));

/** Each request, in order of arrival, is given to the next of these; the last one goes on for ever. */
async function originThat(...acts: ((socket: Socket) => void)[]) {
  let count = 0;
  return await rawOrigin((socket) => {
    socket.on('data', () => acts[Math.min(count++, acts.length - 1)]?.(socket));
  });
}

const answers = (text: string) => (socket: Socket) => void socket.write(answer(text));
const requests = (received: string) => received.match(/^[A-Z]+ \//gm)?.length ?? 0;

const deaths = {
  'closes it': (socket: Socket) => void socket.end(),
  'resets it': (socket: Socket) => void socket.resetAndDestroy(),
};

for (const [how, dies] of Object.entries(deaths)) {
  describe(`when the next hop ${how} under a request`, () => {
    for (const [method, body, outcome, sent] of [
      ['GET', undefined, '200 second', 3],
      ['HEAD', undefined, '200 ', 3],
      ['POST', undefined, 'reset-before-head', 2],
      ['DELETE', undefined, '200 second', 3],
      ['OPTIONS', undefined, '200 second', 3],
      ['PUT', Buffer.from('x\n'), '200 second', 3],
      ['POST', Buffer.from('x\n'), 'reset-before-head', 2],
      ['PATCH', Buffer.from('x\n'), 'reset-before-head', 2],
    ] as const) {
      test(`[case 69] ${method} ${body ? 'with a body ' : ''}on a reused connection is sent ${sent - 1 === 2 ? 'once more' : 'once'}`, async () => {
        await using origin = await originThat(answers('first'), dies, answers(method === 'HEAD' ? '' : 'second'));
        await using upstream = testUpstream([origin.address]);
        assert.equal((await send(upstream)).outcome, '200 first');
        await turn();
        assert.equal((await send(upstream, { method, body })).outcome, outcome);
        assert.equal(requests(origin.received), sent);
      });
    }

    test('a GET on a fresh connection is not sent again', async () => {
      await using origin = await originThat(dies);
      await using upstream = testUpstream([origin.address]);
      assert.equal((await send(upstream)).outcome, 'reset-before-head');
      assert.equal(requests(origin.received), 1);
    });

    test('a GET is sent once more, not twice', async () => {
      await using origin = await originThat(answers('first'), dies);
      await using upstream = testUpstream([origin.address]);
      await send(upstream);
      await turn();
      assert.equal((await send(upstream)).outcome, 'reset-before-head');
      assert.equal(requests(origin.received), 3);
    });

    test('[case 69] a GET that had a byte of its answer is not sent again', async () => {
      const half = (socket: Socket) => void socket.write('H', () => dies(socket));
      await using origin = await originThat(answers('first'), half);
      await using upstream = testUpstream([origin.address]);
      await send(upstream);
      await turn();
      assert.equal((await send(upstream)).outcome, 'reset-before-head');
      assert.equal(requests(origin.received), 2);
    });
  });
}

test('a GET that loses two reused connections is sent once more, not twice', async () => {
  const both = Promise.withResolvers<void>();
  let count = 0;
  await using origin = await rawOrigin((socket) => {
    socket.on('data', () => {
      count += 1;
      if (count > 2) return socket.resetAndDestroy();
      if (count === 2) both.resolve();
      return void both.promise.then(() => socket.write(answer('first')));
    });
  });
  await using upstream = testUpstream([origin.address]);
  await Promise.all([send(upstream), send(upstream)]);
  await turn();
  const sink = await send(upstream);
  assert.deepEqual([sink.outcome, sink.retries.map(({ kind }) => kind)], ['reset-before-head', ['replay']]);
  assert.equal(count, 4);
});

test('a GET that is answered garbage on a reused connection is not sent again', async () => {
  await using origin = await originThat(answers('first'), (socket) => void socket.write('garbage\r\n\r\n'));
  await using upstream = testUpstream([origin.address]);
  await send(upstream);
  await turn();
  assert.equal((await send(upstream)).outcome, 'bad-response');
  assert.equal(requests(origin.received), 2);
});

test('an answer that breaks off on a reused connection is not asked for again', async () => {
  const half = (socket: Socket) =>
    void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', () => socket.end());
  await using origin = await originThat(answers('first'), half);
  await using upstream = testUpstream([origin.address]);
  await send(upstream);
  await turn();
  assert.equal((await send(upstream)).outcome, '200 reset-mid-body');
  assert.equal(requests(origin.received), 2);
});

for (const method of ['POST', 'GET']) {
  test(`the body of ${method} that was streamed is sent once, though its reused connection died`, async () => {
    await using origin = await originThat(answers('first'), deaths['closes it']);
    await using upstream = testUpstream([origin.address]);
    await using tier = await passingTier(upstream);
    await send(upstream);
    await turn();
    const request = `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc`;
    assert.match(await rawExchange(tier.port, request), /^HTTP\/1\.1 502 [\s\S]*reset-before-head/);
    assert.equal(requests(origin.received), 2);
  });
}

test('the one retry goes elsewhere when the member is no longer part of the upstream', async () => {
  const dying = Promise.withResolvers<void>();
  await using origin = await originThat(answers('first'), (socket) => {
    void dying.promise.then(() => socket.resetAndDestroy());
  });
  await using other = await originThat(answers('other'));
  await using upstream = testUpstream([origin.address]);
  await send(upstream);
  await turn();
  const second = send(upstream);
  await eventually(() => assert.equal(requests(origin.received), 2));
  upstream.reconfigure({
    name: 'app',
    addresses: [other.address],
    timeouts: { connectMs: 5_000, firstByteMs: 5_000, betweenBytesMs: 5_000 },
  });
  dying.resolve();
  assert.equal((await second).outcome, '200 other');
});

test('an idle connection that the next hop closed is not used', async () => {
  await using origin = await rawOrigin((socket) => {
    socket.once('data', () => socket.write(answer('ok'), () => socket.end()));
  });
  await using upstream = testUpstream([origin.address]);
  for (let i = 0; i < 3; i++) {
    assert.equal((await send(upstream, { method: 'POST' })).outcome, '200 ok');
    await turn();
  }
});

test('nothing that comes on an idle connection is taken for an answer', async () => {
  let count = 0;
  await using origin = await rawOrigin((socket) => {
    socket.on('data', () => socket.write(answer(`good ${count++}`) + answer('evil')));
  });
  await using upstream = testUpstream([origin.address]);
  for (let i = 0; i < 3; i++) {
    const sink = await send(upstream, outbound());
    assert.equal(sink.outcome, `200 good ${i}`);
    await turn();
  }
});
