// Answers over the wire: block by block, to clients that take them, that do not, and that leave.
import assert from 'node:assert/strict';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { testLanes } from '../testing/both-lanes.ts';

const close = 'Connection: close\r\n';
const never = new Promise<never>(() => undefined);

testLanes(
  'blocks of unknown length are chunked on HTTP/1.1, and end with the connection on HTTP/1.0',
  async (serve) => {
    await using serving = await serve(function* (_environ, start) {
      start('200 OK', []);
      yield Buffer.from('ab');
      yield Buffer.from('c');
    });
    const modern = await rawExchange(serving.port, `GET / HTTP/1.1\r\nHost: a\r\n${close}\r\n`);
    assert.ok(modern.endsWith('\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n'));
    const old = await rawExchange(serving.port, 'GET / HTTP/1.0\r\n\r\n');
    assert.doesNotMatch(old, /Transfer-Encoding/);
    assert.ok(old.endsWith('\r\n\r\nabc'));
  },
);

testLanes('an error after the head breaks the transfer off, without a final chunk', async (serve) => {
  await using serving = await serve(function* (_environ, start) {
    start('200 OK', []);
    yield Buffer.from('ab');
    throw new Error('broken');
  });
  const answer = await rawExchange(serving.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.ok(answer.endsWith('\r\n\r\n2\r\nab\r\n'));
  assert.equal(serving.records[0]?.outcome, 'broken');
});

testLanes(
  'a client that takes nothing stops the application, and one that leaves closes its body once',
  async (serve) => {
    const count = { blocks: 0, closed: 0 };
    await using serving = await serve((_environ, start) => {
      start('200 OK', []);
      return {
        *[Symbol.iterator]() {
          for (;;) {
            count.blocks++;
            yield Buffer.alloc(64 * 1024);
          }
        },
        close: () => void count.closed++,
      };
    });
    const client = await rawConnect(serving.port);
    client.socket.pause();
    await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    let before = -1;
    await eventually(() => {
      const isStalled = count.blocks > 0 && count.blocks === before;
      before = count.blocks;
      assert.ok(isStalled);
    });
    assert.ok(before < 1000, `${before} blocks were made for nobody`);
    await client[Symbol.asyncDispose]();
    await eventually(() => assert.equal(count.closed, 1));
    await eventually(() => assert.equal(serving.records[0]?.outcome, 'client-left'));
  },
);

testLanes('a generator that never waits keeps nobody else from being answered', async (serve) => {
  let isStopped = false;
  await using serving = await serve(function* (environ, start) {
    start('200 OK', []);
    if (environ.PATH_INFO === '/stop') isStopped = true;
    while (!isStopped) yield Buffer.alloc(0);
  });
  const answers = await Promise.all([fetch(`${serving.url}/`), fetch(`${serving.url}/stop`)]);
  for (const answer of answers) assert.equal(await answer.text(), '');
});

testLanes('a block is on its way before the next is made', async (serve) => {
  const seen = Promise.withResolvers<void>();
  await using serving = await serve(async function* (_environ, start) {
    start('200 OK', []);
    yield Buffer.from('first');
    await seen.promise;
    yield Buffer.from('second');
  });
  await using client = await rawConnect(serving.port);
  await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.readUntil('first');
  seen.resolve();
  await client.readUntil('second');
});

testLanes('a client that leaves while the application thinks is told to the application', async (serve) => {
  const thinking = Promise.withResolvers<AbortSignal>();
  await using serving = await serve((environ) => {
    if (environ['trivet.signal']) thinking.resolve(environ['trivet.signal']);
    return never;
  });
  const client = await rawConnect(serving.port);
  await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const signal = await thinking.promise;
  await client[Symbol.asyncDispose]();
  await eventually(() => assert.ok(signal.aborted));
});

testLanes('an endless answer is told of the drain', async (serve) => {
  await using serving = await serve(async function* (environ, start) {
    start('200 OK', []);
    yield Buffer.from('begun');
    await new Promise((resolve) => environ['trivet.draining']?.addEventListener('abort', resolve));
    yield Buffer.from('bye');
  });
  await using client = await rawConnect(serving.port);
  await client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.readUntil('begun');
  assert.equal(await serving.listener.drain(2_000), 'clean');
  await client.closed;
  assert.ok(client.received.endsWith('bye\r\n0\r\n\r\n'));
});
