import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { rawExchange } from '../testing/raw-client.ts';
import { endWith } from './outlet.ts';

/** What a client gets of an answer that ends with `body`, and in how many writes the head and it went out. */
async function ended(body: Buffer, fields: string[]): Promise<{ answer: Buffer; writes: number }> {
  let writes = 0;
  await using server = createServer((request, response) => {
    const { socket } = request;
    const write = socket._write.bind(socket);
    socket._write = (...given) => {
      writes += 1;
      write(...given);
    };
    response.writeHead(200, fields);
    endWith(response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const answer = await rawExchange(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  return { answer: Buffer.from(answer, 'latin1'), writes };
}

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

for (const [what, body] of [
  ['short', everyByte],
  ['of the most that is copied', Buffer.concat(Array<Buffer>(16).fill(everyByte))],
  ['longer than that', Buffer.concat(Array<Buffer>(17).fill(everyByte))],
] as const) {
  test(`a body that is ${what} arrives byte for byte, with its length and in chunks`, async () => {
    const { answer } = await ended(body, ['Content-Length', String(body.length)]);
    assert.deepEqual(answer.subarray(answer.indexOf('\r\n\r\n') + 4), body);
    const chunked = (await ended(body, [])).answer;
    assert.match(chunked.toString('latin1'), /\r\nTransfer-Encoding: chunked\r\n/);
    const start = Buffer.from(`\r\n\r\n${body.length.toString(16)}\r\n`);
    assert.deepEqual(
      chunked.subarray(chunked.indexOf(start) + start.length),
      Buffer.concat([body, Buffer.from('\r\n0\r\n\r\n')]),
    );
  });
}

test('a short body goes out in one piece with its head', async () => {
  const { writes } = await ended(everyByte, ['Content-Length', '256']);
  assert.equal(writes, 1);
});
