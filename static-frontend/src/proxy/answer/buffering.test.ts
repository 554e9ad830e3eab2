import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Barrier } from '@trivet/kit/testing/barrier.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { runFront } from '../../testing/running-front.ts';
import { isBuffered } from './buffering.ts';

describe('an answer is taken off the app’s hands', () => {
  for (const [fields, byRoute, expected] of [
    [[], true, true],
    [[], false, false],
    [['X-Accel-Buffering', 'no'], true, false],
    [['x-accel-buffering', ' No '], true, false],
    [['X-Accel-Buffering', 'yes'], false, true],
    [['X-Accel-Buffering', 'perhaps'], true, true],
    [['X-Accel-Buffering', 'perhaps'], false, false],
    [['Content-Type', 'text/event-stream'], true, false],
    [['Content-Type', 'Text/Event-Stream; charset=utf-8', 'X-Accel-Buffering', 'yes'], true, false],
    [['Content-Type', 'text/event-streams'], true, true],
  ] as const) {
    test(`${fields.join(': ') || 'nothing'} on a route with ${byRoute ? 'on' : 'off'}: ${expected}`, () => {
      assert.equal(isBuffered(fields, byRoute), expected);
    });
  }
});

const site = {
  routes: [
    { path: '/on/', proxy: 'app' },
    { path: '/off/', proxy: 'app', buffering: 'off' },
  ],
} as const;

const MB = 1024 * 1024;

describe('through the front', () => {
  for (const [what, path, fields] of [
    ['events', '/on/x', ['Content-Type', 'text/event-stream']],
    ['what the app wants unbuffered', '/on/x', ['X-Accel-Buffering', 'no']],
    ['what the route wants unbuffered', '/off/x', []],
    ['what is buffered', '/on/x', []],
  ] as const) {
    test(`${what}: each piece arrives before the next is made`, async () => {
      const taken = [new Barrier(1), new Barrier(1), new Barrier(1)];
      await using app = await scriptedOrigin(async (_, reply) => {
        reply.head(200, fields);
        for (const [i, barrier] of taken.entries()) {
          await reply.write(`data: ${i}\n\n`);
          await barrier.passed;
        }
        reply.end();
      });
      await using tree = await fileTree({});
      await using front = await runFront({ root: tree.path, site, app: [app.address] });
      await using client = await rawConnect(front.port);
      await client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      assert.doesNotMatch(await client.readUntil('\r\n\r\n'), /x-accel/i);
      for (const [i, barrier] of taken.entries()) {
        await client.readUntil(`data: ${i}\n\n`);
        barrier.arrive();
      }
      await client.readUntil('0\r\n\r\n');
    });
  }

  for (const path of ['/on/x', '/off/x']) {
    test(`of 100 MB to a client that reads nothing the app is left with most: ${path}`, async () => {
      let written = 0;
      await using app = await scriptedOrigin(async (_, reply) => {
        reply.head(200, ['Content-Length', String(100 * MB)]);
        for (; written < 100 * MB && !reply.isAbandoned; written += MB) await reply.write(Buffer.alloc(MB, 'x'));
        reply.end();
      });
      await using tree = await fileTree({});
      await using front = await runFront({ root: tree.path, site, app: [app.address] });
      await using client = await rawConnect(front.port, 20_000);
      client.socket.pause();
      await client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      let [before, looks] = [0, 0];
      // The kernel takes a few megabytes of each connection, the front next to nothing.
      await eventually(() => {
        looks = written > 0 && written === before ? looks + 1 : 0;
        before = written;
        assert.ok(looks > 50, `${written} bytes and more`);
      });
      assert.ok(written < 32 * MB, `${written} bytes`);
      let received = 0;
      client.socket.removeAllListeners('data');
      client.socket.on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
      client.socket.resume();
      await client.closed;
      assert.ok(received > 100 * MB && received < 100 * MB + 2000, `${received} bytes`);
    });
  }
});
