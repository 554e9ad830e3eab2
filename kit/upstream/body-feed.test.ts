import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, test } from 'node:test';
import { Fault } from '../semantics/fault.ts';
import { eventually } from '../testing/eventually.ts';
import { rawConnect } from '../testing/raw-client.ts';
import { testListener } from '../testing/test-listener.ts';
import { BodyFeed } from './body-feed.ts';

const post = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const lastChunk = '0\r\n\r\n';

type Stand = { readonly body: IncomingMessage; answer(text: string): void };

/** A client that has sent the head of a chunked request, and the body as the tier has it. */
async function uploading() {
  const { promise, resolve } = Promise.withResolvers<Stand>();
  const server = await testListener({
    onRequest: ({ body }, response) => {
      assert.ok(body);
      resolve({ body, answer: (text) => void response.end(text) });
    },
  });
  const client = await rawConnect(server.port);
  await client.write(post);
  const stand = await promise;
  return {
    ...stand,
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const failure = (feed: BodyFeed) =>
  new Promise<Fault>((resolve, reject) => {
    feed.once('error', (error) => (error instanceof Fault ? resolve(error) : reject(error)));
  });

describe('a request body on its way', () => {
  test('comes whole, in order', async () => {
    await using upload = await uploading();
    const whole = new BodyFeed(upload.body).toArray();
    for (const text of ['a', 'bc', 'def']) await upload.client.write(chunk(text));
    await upload.client.write(lastChunk);
    assert.equal(Buffer.concat(await whole).toString(), 'abcdef');
  });

  test('is not touched before it is read', async () => {
    await using upload = await uploading();
    const feed = new BodyFeed(upload.body);
    assert.equal(upload.body.readableFlowing, null);
    feed.destroy();
    assert.equal(upload.body.readableFlowing, null);
    await upload.client.write(chunk('abc') + lastChunk);
    assert.equal(Buffer.concat(await new BodyFeed(upload.body).toArray()).toString(), 'abc');
  });

  for (const [limit, outcome] of [
    [5, 'whole'],
    [4, 'body-too-large'],
  ] as const) {
    test(`of 5 bytes, at most ${limit} of them, is ${outcome}`, async () => {
      await using upload = await uploading();
      const feed = new BodyFeed(upload.body, limit);
      const whole = new Promise<string>((resolve) => feed.once('end', () => resolve('whole')));
      const over = Promise.race([whole, failure(feed).then(({ reason }) => reason)]);
      feed.resume();
      await upload.client.write(chunk('abc') + chunk('de') + lastChunk);
      assert.equal(await over, outcome);
    });
  }

  test('that nobody wants any more is taken off the wire, and the connection lives', async () => {
    await using upload = await uploading();
    const feed = new BodyFeed(upload.body);
    feed.once('readable', () => undefined);
    const rest = upload.client.write(chunk('x'.repeat(20_000_000)) + lastChunk);
    await eventually(() => assert.ok(upload.body.isPaused()));
    feed.destroy();
    await rest;
    upload.answer('enough');
    await upload.client.readUntil('enough');
    await upload.client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually(() => assert.ok(upload.body.complete));
  });

  test('waits while it is not taken, and the client with it', async () => {
    await using upload = await uploading();
    const feed = new BodyFeed(upload.body);
    feed.once('readable', () => undefined);
    const megabytes = 32;
    let written = 0;
    const writing = (async () => {
      for (; written < megabytes; written++) await upload.client.write(chunk('x'.repeat(1024 * 1024)));
      await upload.client.write(lastChunk);
    })();
    await eventually(() => assert.ok(upload.body.isPaused()));
    assert.ok(feed.readableLength < 1024 * 1024, String(feed.readableLength));
    assert.ok(written < megabytes, `${written} MB`);
    let bytes = 0;
    for await (const part of feed) bytes += part.length;
    assert.equal(bytes, megabytes * 1024 * 1024);
    await writing;
  });

  test('fails when the client leaves in its midst', async () => {
    await using upload = await uploading();
    const feed = new BodyFeed(upload.body);
    const failed = failure(feed);
    feed.resume();
    await upload.client.write(chunk('abc'));
    upload.client.reset();
    assert.equal((await failed).reason, 'client-left');
  });

  test('fails when the client had left before it was read', async () => {
    await using upload = await uploading();
    const closed = new Promise((resolve) => upload.body.once('close', resolve));
    upload.client.reset();
    await closed;
    const feed = new BodyFeed(upload.body);
    const failed = failure(feed);
    feed.resume();
    assert.equal((await failed).reason, 'client-left');
  });
});
