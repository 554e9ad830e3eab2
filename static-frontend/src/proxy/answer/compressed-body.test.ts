import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { noted } from '@trivet/kit/http1/answer.ts';
import { type Encoder, Encoders } from '@trivet/kit/http1/encoder.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { waitingClient } from '@trivet/kit/testing/waiting-client.ts';
import { CompressedBody } from './compressed-body.ts';

/** A client that waits for a body of a length that nobody knows, unless one is said; it closes the connection. */
async function stand(length?: number) {
  const waiting = await waitingClient('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const encoders = new Encoders();
  const encoder: Encoder | undefined = encoders.begin('gzip', length);
  assert.ok(encoder);
  return { ...waiting, encoders, encoder, body: new CompressedBody(waiting.response, encoder) };
}

/** The body of all that came, which was not chunked. */
function unpacked(received: string): string {
  return gunzipSync(Buffer.from(received.slice(received.indexOf('\r\n\r\n') + 4), 'latin1')).toString();
}

const raw = ['Content-Encoding', 'gzip', 'Connection', 'close', 'Transfer-Encoding', 'identity'];

for (const [what, length, pieces, last] of [
  ['in one piece with its end', 5, [], 'whole'],
  ['in pieces', 6, ['one', 'two'], undefined],
  ['in pieces, the last with the end', undefined, ['one', 'two'], Buffer.from('three')],
  ['that is empty', 0, [], undefined],
  ['that is larger than what is compressed at once', undefined, ['x'.repeat(100_000), 'y'], 'z'],
] as const) {
  test(`a body ${what} arrives compressed, and then the answer has ended`, async () => {
    await using it = await stand(length);
    it.response.useChunkedEncodingByDefault = false;
    it.response.writeHead(200, raw);
    for (const piece of pieces) it.body.write(Buffer.from(piece));
    it.body.end(last);
    await it.client.closed;
    assert.equal(unpacked(it.client.received), pieces.join('') + (last?.toString() ?? ''));
    assert.deepEqual([it.body.writableEnded, it.body.closed, it.encoders.streams], [true, true, 0]);
  });
}

test('of everything but the bytes it says what the client’s answer says, and does', async () => {
  await using it = await stand();
  const { body, response } = it;
  assert.equal(body.req, response.req);
  const facts = () => [body.shouldKeepAlive, body.headersSent, body.writableEnded, body.closed, body.destroyed];
  assert.deepEqual(facts(), [false, false, false, false, false]);
  body.shouldKeepAlive = true;
  assert.equal(response.shouldKeepAlive, true);
  response.writeHead(200, ['Trailer', 'X-A', 'Transfer-Encoding', 'chunked']);
  body.flushHeaders();
  assert.equal(body.headersSent, true);
  await it.client.readUntil('\r\n\r\n');
  body.addTrailers({ 'X-A': 'b' });
  body.end('x');
  await it.client.readUntil('0\r\nX-A: b\r\n\r\n');
  assert.equal(body.writableEnded, true);
});

test('a head is not its to write', async () => {
  await using it = await stand();
  for (const write of [() => it.body.writeHead(), () => it.body.writeInformation()]) {
    assert.throws(write, { name: 'Fault', reason: 'internal' });
  }
});

test('while the client reads nothing it holds the app back, and lets it go on when he does', async () => {
  await using it = await stand();
  it.response.writeHead(200, raw);
  it.client.socket.pause();
  const piece = randomBytes(256 * 1024);
  let isHeld = false;
  let drains = 0;
  it.body.on('drain', () => {
    isHeld = false;
    drains++;
  });
  let written = 0;
  // What the system takes for a client that does not read is a few megabytes.
  await eventually(async () => {
    while (!isHeld && written < 256) {
      isHeld = !it.body.write(piece);
      written++;
    }
    assert.ok(it.response.writableNeedDrain && isHeld, `held: ${isHeld} after ${written}`);
  });
  const before = drains;
  it.client.socket.resume();
  await eventually(() => assert.ok(drains > before));
  it.body.end();
  await it.client.closed;
  assert.ok(it.client.received.length > written * piece.length);
});

test('who leaves takes the encoder along, and what is written later goes nowhere', async () => {
  await using it = await stand();
  const closed = once(it.response, 'close');
  it.client.reset();
  await closed;
  assert.deepEqual([it.encoders.streams, it.body.closed, it.body.destroyed], [0, true, true]);
  assert.equal(it.body.write(Buffer.from('x')), true);
  it.body.end();
  assert.equal(it.body.writableEnded, false);
});

test('what breaks breaks the transfer, and no end makes it look whole', async () => {
  await using it = await stand();
  it.response.writeHead(200, ['Transfer-Encoding', 'chunked']);
  it.response.flushHeaders();
  it.body.write(Buffer.from('x'.repeat(100_000)));
  it.body.destroy();
  assert.equal(it.encoders.streams, 0);
  it.body.end();
  await it.client.closed;
  assert.doesNotMatch(it.client.received, /0\r\n\r\n$/);
  assert.deepEqual([it.encoders.streams, noted(it.response)?.fault], [0, undefined]);
});

test('what cannot be compressed breaks the transfer, and the log knows why', async () => {
  // Less than was announced: zstd is told the length before.
  await using waiting = await waitingClient();
  const encoder = new Encoders().begin('zstd', 1_000_000);
  assert.ok(encoder);
  const body = new CompressedBody(waiting.response, encoder);
  waiting.response.writeHead(200, ['Transfer-Encoding', 'chunked']);
  body.write(Buffer.alloc(100_000));
  body.end();
  await waiting.client.closed;
  assert.equal(noted(waiting.response)?.fault?.reason, 'internal');
  assert.doesNotMatch(waiting.client.received, /0\r\n\r\n$/);
});
