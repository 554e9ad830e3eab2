import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Barrier } from './barrier.ts';
import { rawConnect, rawExchange } from './raw-client.ts';
import { scriptedOrigin } from './scripted-origin.ts';

const get = 'GET /x?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

test('an answer carries the fields given and its length', async () => {
  await using origin = await scriptedOrigin((_, reply) => reply.send(404, ['x-A', '1', 'X-a', '2'], 'nope'));
  const answer = await rawExchange(origin.port, get);
  assert.match(answer, /^HTTP\/1\.1 404 Not Found\r\nx-A: 1\r\nX-a: 2\r\nContent-Length: 4\r\n/);
  assert.match(answer, /\r\n\r\nnope$/);
});

test('a 304 has no length of its own', async () => {
  await using origin = await scriptedOrigin((_, reply) => reply.send(304, ['ETag', '"a"']));
  assert.doesNotMatch(await rawExchange(origin.port, get), /content-length|transfer-encoding/i);
});

test('the script decides when which part goes out', async () => {
  const secondPart = new Barrier(1);
  await using origin = await scriptedOrigin(async (_, reply) => {
    reply.interim(103, ['Link', '</a.css>; rel=preload']);
    reply.head(200, ['Trailer', 'X-Sum']);
    await reply.write('first');
    await secondPart.passed;
    reply.end('second', ['X-Sum', '7']);
  });
  await using client = await rawConnect(origin.port);
  await client.write(get);
  assert.equal(await client.readUntil('\r\n\r\n'), 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n');
  assert.match(await client.readUntil('first'), /^HTTP\/1\.1 200 OK\r\n/);
  secondPart.arrive();
  await client.closed;
  assert.match(client.received, /second\r\n0\r\nX-Sum: 7\r\n\r\n$/);
});

test('break cuts the answer after the part that was written', async () => {
  await using origin = await scriptedOrigin(async (_, reply) => {
    reply.head(200, ['Content-Length', '10']);
    await reply.write('half');
    reply.break();
  });
  assert.match(await rawExchange(origin.port, get), /\r\n\r\nhalf$/);
});

test('the script sees that the client left', async () => {
  const left = new Barrier(1);
  await using origin = await scriptedOrigin(async (_, reply) => {
    reply.head(200);
    await reply.closed;
    await reply.write('to nobody');
    if (reply.isAbandoned) left.arrive();
  });
  const client = await rawConnect(origin.port);
  await client.write(get);
  await client.readUntil('200 OK');
  await client[Symbol.asyncDispose]();
  await left.passed;
});
