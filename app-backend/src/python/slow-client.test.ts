import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { testLanes } from '../testing/python-stand.ts';
import { answerFrames } from '../testing/scripted-worker.ts';

const MB = 1024 * 1024;
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('a client that reads slowly', () => {
  testLanes('of 200 MB: so much waits here and no more, and the rest with the worker', async (open) => {
    await using stand = await open();
    const block = Buffer.alloc(64 * 1024, 'x');
    const total = 200 * MB;
    let sent = 0;
    await stand.slot(1, (_, self) => {
      self.send(['T'], ['H', `200 OK\0Content-Length\0${total}`]);
      const more = () => {
        while (sent < total) {
          sent += block.length;
          self.send(['D', block]);
          if (self.socket.writableNeedDrain) return void self.socket.once('drain', more);
        }
        self.send(['E']);
      };
      more();
    });
    await using client = await rawConnect(stand.port);
    client.socket.removeAllListeners('data').pause();
    await client.write(get);
    let most = 0;
    let taken = 0;
    const watch = setInterval(() => {
      most = Math.max(most, stand.waiting());
    }, 1);
    await eventually(() => assert.ok(stand.waiting() > 64 * 1024));
    client.socket.on('data', (chunk: Buffer) => {
      taken += chunk.length;
      client.socket.pause();
      setImmediate(() => client.socket.resume());
    });
    client.socket.resume();
    await eventually(() => assert.ok(taken >= total), 60_000);
    clearInterval(watch);
    // Beyond the limit, what was read at once with what passed it.
    assert.ok(most <= (256 + 128) * 1024, `${most} bytes waited`);
    await eventually(() => assert.equal(stand.dispatcher.numbers.idle, 1));
  });

  testLanes('of an answer that may wait here: the slot is free for others', async (open) => {
    await using stand = await open();
    const large = 'x'.repeat(200 * 1024);
    await stand.slot(1, ({ variables }, self) => {
      self.send(...answerFrames(variables.PATH_INFO === '/large' ? large : 'small'));
    });
    await using client = await rawConnect(stand.port);
    client.socket.pause();
    await client.write('GET /large HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually(() => assert.equal(stand.dispatcher.numbers.idle, 1));
    assert.equal(await (await fetch(`${stand.url}/small`)).text(), 'small');
  });

  testLanes('is not the worker’s silence', async (open) => {
    await using stand = await open({ timeoutMs: 60 });
    const body = Buffer.alloc(12 * MB, 'x');
    await stand.slot(1, (_, self) => {
      self.send(['T'], ['H', `200 OK\0Content-Length\0${body.length}`]);
      for (let at = 0; at < body.length; at += MB) self.send(['D', body.subarray(at, at + MB)]);
      self.send(['E']);
    });
    await using client = await rawConnect(stand.port);
    client.socket.pause();
    await client.write(get);
    await eventually(() => assert.equal(stand.dispatcher.numbers.busy, 1));
    await stand.slot(2);
    void stand.dispatcher.retire(1);
    assert.equal((await fetch(stand.url)).status, 504);
    assert.deepEqual(stand.pool.notes, ['2 hung: the worker was silent for 60ms']);
    client.socket.resume();
    await eventually(() => assert.ok(client.received.length > body.length));
  });
});
