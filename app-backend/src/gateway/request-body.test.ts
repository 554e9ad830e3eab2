// Request bodies over the wire: when they are asked for, how they end, what becomes of those that nobody reads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { serve } from '../testing/serving.ts';
import type { Application } from '../wsgi.ts';
import { mostDiscardedBytes } from './discard-rest.ts';

const back: Application = async (environ, start) => {
  const body = await environ['wsgi.input'].read();
  start('200 OK', []);
  return [body];
};
const deaf: Application = (_environ, start) => {
  start('200 OK', []);
  return [Buffer.from('no')];
};

test('a body with a length and a chunked one are read to their end, and the next request behind them is served', async () => {
  await using serving = await serve(back);
  const answers = await rawExchange(
    serving.port,
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none' +
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ntw\r\n1\r\no\r\n0\r\n\r\n' +
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  assert.deepEqual(
    [...answers.matchAll(/\r\n\r\n(one|two|)(?=HTTP|$)/g)].map(([, body]) => body),
    ['one', 'two', ''],
  );
});

test('100 Continue goes out when the application first reads', async () => {
  const reads = Promise.withResolvers<void>();
  await using serving = await serve(async (environ, start) => {
    await reads.promise;
    return await back(environ, start);
  });
  await using client = await rawConnect(serving.port);
  await client.write('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
  await new Promise(setImmediate);
  assert.equal(client.received, '');
  reads.resolve();
  await client.readUntil('HTTP/1.1 100 Continue\r\n\r\n');
  await client.write('hi');
  assert.match(await client.readUntil('hi'), /^HTTP\/1\.1 200 OK\r\n/);
});

test('an answer that needs no body sends no 100 Continue, and closes', async () => {
  await using serving = await serve(deaf);
  const answer = await rawExchange(
    serving.port,
    'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
  );
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(answer, /\r\nConnection: close\r\n/);
});

for (const [what, application] of [
  ['nothing', deaf],
  [
    'a part',
    async (environ, start) => {
      await environ['wsgi.input'].read(2);
      return await deaf(environ, start);
    },
  ],
] as [string, Application][]) {
  test(`a body of which the application read ${what} does not stand in the way of the next request`, async () => {
    await using serving = await serve(application);
    const post = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(200_000)}`;
    const answers = await rawExchange(serving.port, [post, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n']);
    assert.equal(answers.match(/HTTP\/1\.1 200 OK/g)?.length, 2);
  });
}

test('an unread body beyond the limit costs the connection', async () => {
  await using serving = await serve(deaf);
  await using client = await rawConnect(serving.port);
  await client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${mostDiscardedBytes * 100}\r\n\r\n`);
  await client.readUntil('no');
  const block = Buffer.alloc(64 * 1024);
  let sent = 0;
  await eventually(async () => {
    await client.write(block);
    sent += block.length;
    assert.ok(client.socket.destroyed);
  });
  assert.ok(sent < mostDiscardedBytes * 50);
});

test('a client that leaves inside its body is no fault of the application', async () => {
  const read = Promise.withResolvers<unknown>();
  await using serving = await serve(async (environ, start) => {
    await environ['wsgi.input'].read().catch((error: unknown) => {
      read.resolve(error);
      throw error;
    });
    return await deaf(environ, start);
  });
  const client = await rawConnect(serving.port);
  await client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
  await client[Symbol.asyncDispose]();
  assert.match(String(await read.promise), /the client left/);
  await eventually(() => assert.notEqual(serving.records[0]?.fault?.blame ?? 'self', 'self'));
});

test('a large body that is read block by block arrives whole', async () => {
  await using serving = await serve(async (environ, start) => {
    let total = 0;
    for (;;) {
      const block = await environ['wsgi.input'].read(65_536);
      if (block.length === 0) break;
      total += block.length;
    }
    start('200 OK', []);
    return [Buffer.from(String(total))];
  });
  const body = Buffer.alloc(8 * 1024 * 1024);
  const response = await fetch(serving.url, { method: 'POST', body });
  assert.equal(await response.text(), String(body.length));
});
