import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { namelessFiles } from '@trivet/kit/testing/nameless-files.ts';
import { rawConnect, rawExchange } from '@trivet/kit/testing/raw-client.ts';
import { rawOrigin, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { bodyStand, chunked, close, digest, head, waitingBytes } from '../../testing/body-stand.ts';
import { readReply } from '../../testing/running-front.ts';

describe('the app is asked', () => {
  for (const [path, askedBefore] of [
    ['/full/x', 0],
    ['/stream/x', 1],
  ] as const) {
    for (const size of [10, 5000]) {
      test(`${path} with ${size} bytes: ${askedBefore === 0 ? 'once the last byte is here' : 'at once'}`, async () => {
        await using it = await bodyStand(digest);
        await using client = await rawConnect(it.front.port);
        const body = randomBytes(size);
        await client.write(head(path, `Expect: 100-continue\r\nContent-Length: ${size}\r\n`));
        assert.equal(await client.readUntil('\r\n\r\n'), 'HTTP/1.1 100 Continue\r\n\r\n');
        await client.write(body.subarray(0, size - 1));
        if (askedBefore > 0) await eventually(() => assert.equal(it.app.requests[0]?.body.length, size - 1));
        else await eventually(async () => assert.equal(await waitingBytes(it), size - 1));
        assert.equal(it.app.requests.length, askedBefore);
        await client.write(body.subarray(size - 1));
        await client.readUntil(createHash('sha256').update(body).digest('hex'));
        assert.equal(field(it.app.requests[0]?.fields ?? [], 'expect'), undefined);
      });
    }
  }
});

const inChunks = 'Transfer-Encoding: chunked\r\n';
const framed = {
  measured: (body: Buffer) => ({ fields: `Content-Length: ${body.length}\r\n`, bytes: body }),
  chunked: (body: Buffer) => ({ fields: inChunks, bytes: chunked(body, 50_000) }),
  'in chunks of 7': (body: Buffer) => ({ fields: inChunks, bytes: chunked(body, 7) }),
};

describe('a body arrives as it was sent, with its length', () => {
  for (const [size, place] of [
    [1, 'memory'],
    [1023, 'memory'],
    [1024, 'memory'],
    [1025, 'disk'],
    [64 * 1024, 'disk'],
    [300_001, 'disk'],
  ] as const) {
    for (const framing of ['measured', 'chunked', 'in chunks of 7'] as const) {
      test(`${size} bytes, ${framing}: from ${place}`, async () => {
        await using it = await bodyStand(digest);
        const body = randomBytes(size);
        const { fields, bytes } = framed[framing](body);
        const reply = readReply(await rawExchange(it.front.port, [head('/full/x', close + fields), bytes]));
        assert.equal(reply.body, createHash('sha256').update(body).digest('hex'));
        const [request] = it.app.requests;
        assert.equal(field(request?.fields ?? [], 'content-length'), String(size));
        assert.equal(field(request?.fields ?? [], 'transfer-encoding'), undefined);
        // Its folder is made with the first body that needs it.
        assert.equal((await readdir(it.temp)).length, place === 'disk' ? 1 : 0);
        await eventually(async () => assert.equal(await waitingBytes(it), 0));
      });
    }
  }

  test('streamed, as it was framed by the client', async () => {
    await using it = await bodyStand(digest);
    const post = head('/stream/x', `${close}Transfer-Encoding: chunked\r\n`);
    assert.equal(readReply(await rawExchange(it.front.port, `${post}5\r\nhello\r\n0\r\n\r\n`)).status, 200);
    assert.equal(field(it.app.requests[0]?.fields ?? [], 'transfer-encoding'), 'chunked');
  });

  test('from the disk where the memory for all bodies is taken', async () => {
    await using it = await bodyStand(digest, { proxying: { bodiesMemory: 10 } });
    const post = head('/full/x', `${close}Content-Length: 11\r\n`);
    assert.equal(readReply(await rawExchange(it.front.port, `${post}hello there`)).status, 200);
    assert.equal((await readdir(it.temp)).length, 1);
  });

  for (const size of [10, 50_000]) {
    test(`${size} bytes go whole to the next address when one refuses`, async () => {
      await using app = await scriptedOrigin(digest);
      const nobody = { kind: 'unix', path: '/nonexistent/app.sock' } as const;
      await using it = await bodyStand(digest, { app: [nobody, app.address] });
      const body = randomBytes(size);
      for (let i = 0; i < 3; i++) {
        const post = head('/full/x', `${close}Content-Length: ${size}\r\n`);
        const reply = readReply(await rawExchange(it.front.port, [post, body]));
        assert.equal(reply.body, createHash('sha256').update(body).digest('hex'));
      }
    });
  }

  test('or not at all: an app that answers before it has read is heard, and the file is closed', async () => {
    await using app = await rawOrigin((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 403 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno'));
    });
    await using it = await bodyStand(digest, { app: [app.address] });
    const body = randomBytes(399_000);
    const post = head('/full/x', `${close}Content-Length: ${body.length}\r\n`);
    assert.equal(readReply(await rawExchange(it.front.port, [post, body])).status, 403);
    await eventually(async () => assert.deepEqual(await namelessFiles(it.temp), []));
  });
});
