import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './eventually.ts';
import { rawConnect, rawExchange } from './raw-client.ts';
import { rawOrigin, scriptedOrigin } from './scripted-origin.ts';

const get = 'GET /x?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

test('a script that starts at the head may answer before the body', async () => {
  await using origin = await scriptedOrigin((_, reply) => reply.send(413, ['Connection', 'close']), {
    startAt: 'head',
  });
  const answer = await rawExchange(origin.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 413 /);
});

test('a script that fails breaks the connection and fails the test that owns it', async () => {
  const origin = await scriptedOrigin(() => assert.fail('not this request'));
  assert.equal(await rawExchange(origin.port, get), '');
  await assert.rejects(async () => origin[Symbol.asyncDispose](), /not this request/);
});

test('a request without Host is recorded, not refused', async () => {
  await using origin = await scriptedOrigin((_, reply) => reply.send(200));
  assert.match(await rawExchange(origin.port, 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'), /^HTTP\/1\.1 200 /);
});

test('a raw origin answers with any bytes and counts its connections', async () => {
  await using origin = await rawOrigin((socket) => socket.end('garbage'));
  for (const number of [1, 2]) {
    assert.equal(await rawExchange(origin.port, get), 'garbage');
    assert.equal(origin.connections, number);
  }
});

test('disposing closes what is still open', async () => {
  const raw = await rawOrigin(() => undefined);
  const scripted = await scriptedOrigin(() => undefined);
  await using first = await rawConnect(raw.port);
  await using second = await rawConnect(scripted.port);
  await second.write(get);
  await eventually(() => assert.equal(scripted.requests.length, 1));
  await Promise.all([raw[Symbol.asyncDispose](), scripted[Symbol.asyncDispose]()]);
  await Promise.all([first.closed, second.closed]);
});
