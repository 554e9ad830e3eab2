import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { testListener } from '../testing/test-listener.ts';

async function exchange(method: string, answer: (response: ServerResponse) => void, needsHeads = true) {
  await using listening = await testListener({
    needsHeads,
    onRequest: (_inbound, response) => answer(response),
  });
  const socket = connect(listening.port, '127.0.0.1');
  socket.end(`${method} /a HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nConnection: close\r\n\r\n`).resume();
  await once(socket, 'close');
  return await eventually(() => {
    const [record] = listening.records;
    assert.ok(record);
    return record;
  });
}

describe('the heads of an exchange are in its record', () => {
  for (const [what, method, answer, bodyBytes] of [
    [
      'of a known length',
      'GET',
      (r: ServerResponse) => r.writeHead(200, ['X-B', '2', 'Content-Length', '2']).end('ok'),
      2,
    ],
    [
      'in chunks',
      'GET',
      (r: ServerResponse) => r.writeHead(200, ['X-B', '2']) && r.write('abc') && r.end(Buffer.from('é')),
      5,
    ],
    ['to HEAD', 'HEAD', (r: ServerResponse) => r.writeHead(200, ['X-B', '2', 'Content-Length', '2']).end('ok'), 0],
    ['without a body', 'GET', (r: ServerResponse) => r.writeHead(204, ['X-B', '2']).end(), 0],
  ] as const) {
    test(`with the length of the body, for an answer ${what}`, async () => {
      const { heads } = await exchange(method, (response) => void answer(response));
      assert.deepEqual(heads?.request, ['Host', 'h', 'X-A', '1', 'Connection', 'close']);
      assert.deepEqual(heads?.response.slice(0, 2), ['X-B', '2']);
      assert.equal(heads?.bodyBytes, bodyBytes);
    });
  }

  test('where nothing was answered: nothing of an answer', async () => {
    const { status, heads } = await exchange('GET', (response) => void response.destroy());
    assert.deepEqual([status, heads?.response, heads?.bodyBytes], [499, [], 0]);
  });

  test('where they are wanted, and nowhere else', async () => {
    const record = await exchange('GET', (response) => void response.end('ok'), false);
    assert.equal('heads' in record, false);
  });
});

test('who wants them gets them of every exchange: the fast lane answers none', async () => {
  const fastLane = { answer: () => assert.fail('it was asked'), onAnswered: () => undefined };
  await using listening = await testListener({ needsHeads: true, fastLane });
  assert.equal((await fetch(`http://127.0.0.1:${listening.port}/`)).status, 200);
  await eventually(() => assert.equal(listening.records[0]?.heads?.bodyBytes, 2));
});
