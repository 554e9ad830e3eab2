import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './eventually.ts';
import { rawConnect, rawExchange } from './raw-client.ts';
import { scriptedOrigin } from './scripted-origin.ts';

test('a request is recorded as it came: method, target, fields in order, body', async () => {
  await using origin = await scriptedOrigin((_, reply) => reply.send(200));
  const lines = ['Host: a', 'X-One: 1', 'x-ONE: 2', 'Content-Length: 4', 'Connection: close'];
  await rawExchange(origin.port, [`POST /x?y HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'bo', 'dy']);
  const [request, ...others] = origin.requests;
  assert.deepEqual(others, []);
  assert.deepEqual([request?.method, request?.target, request?.version], ['POST', '/x?y', '1.1']);
  assert.deepEqual(
    request?.fields,
    lines.flatMap((line) => line.split(': ')),
  );
  assert.equal(request?.body.toString(), 'body');
  assert.equal(request?.isWhole, true);
  assert.equal(origin.connections, 1);
});

test('a request cut in its body is recorded as cut and not answered', async () => {
  await using origin = await scriptedOrigin((_, reply) => reply.send(200));
  const client = await rawConnect(origin.port);
  await client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
  const request = await eventually(() => origin.requests[0] ?? assert.fail('no request yet'));
  await eventually(() => assert.equal(request.body.toString(), 'half'));
  await client[Symbol.asyncDispose]();
  assert.equal(await request.outcome, 'cut');
  assert.equal(request.isWhole, false);
});
