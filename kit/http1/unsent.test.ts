import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { socketPair } from '../testing/socket-pair.ts';
import { sendingOf } from './unsent.ts';

/** More than the buffers of both ends hold. */
const large = Buffer.alloc(32 * 1024 * 1024);

describe('what the system has taken of an answer, and what it has not,', () => {
  test('is nothing where nothing was said', async () => {
    await using pair = await socketPair();
    assert.deepEqual(sendingOf(pair.server), { taken: 0, unsent: 0 });
  });

  test('is all of what it has room for', async () => {
    await using pair = await socketPair();
    await new Promise((done) => pair.server.write('hello', done));
    assert.deepEqual(sendingOf(pair.server), { taken: 5, unsent: 0 });
  });

  test('is known of a part of a write, while nobody reads, and adds up to the whole', async () => {
    await using pair = await socketPair();
    pair.server.write(large);
    const { taken = 0, unsent = 0 } = sendingOf(pair.server) ?? {};
    assert.ok(taken > 0 && unsent > 0, `${taken} taken, ${unsent} not`);
    assert.equal(taken + unsent, large.length);
    assert.equal(pair.server.writableLength, large.length, 'the stream itself counts the whole until the end');
  });

  test('goes from one to the other as the client reads', async () => {
    await using pair = await socketPair();
    pair.server.write(large);
    const before = sendingOf(pair.server)?.taken ?? 0;
    pair.client.resume();
    await eventually(() => assert.deepEqual(sendingOf(pair.server), { taken: large.length, unsent: 0 }));
    assert.ok(before < large.length);
  });

  test('is not known of a connection that is closed, or not made yet', async () => {
    await using pair = await socketPair();
    pair.server.destroy();
    await once(pair.server, 'close');
    assert.equal(sendingOf(pair.server), undefined);
    assert.equal(sendingOf(new Socket()), undefined);
  });

  for (const handle of [{}, { bytesWritten: 5 }, { writeQueueSize: 5 }]) {
    test(`is not known where Node.js has only ${JSON.stringify(handle)} of it`, () => {
      const socket = new Socket();
      Reflect.set(socket, '_handle', handle);
      assert.equal(sendingOf(socket), undefined);
    });
  }
});
