import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { field, has } from '@trivet/kit/semantics/fields.ts';
import { Barrier } from '@trivet/kit/testing/barrier.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { fileTree } from '@trivet/kit/testing/file-tree.ts';
import { rawConnect } from '@trivet/kit/testing/raw-client.ts';
import { type Script, scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import { runFront } from '../../testing/running-front.ts';
import { type Compressible, compressed, compression } from './compression.ts';

const text = ['Content-Type', 'text/html; charset=utf-8', 'Content-Length', '1024'];
const taking = ['Accept-Encoding', 'gzip, br'];
const base: Compressible = { version: '1.1', asked: taking, status: 200, fields: text };

describe('an answer is compressed', () => {
  for (const [what, over, expected] of [
    ['when it is text and its client takes it', {}, 'br'],
    ['in the coding its client likes best', { asked: ['Accept-Encoding', 'br;q=0.5, gzip, zstd;q=0.9'] }, 'gzip'],
    ['when its length is not known', { fields: ['Content-Type', 'application/json'] }, 'br'],
    ['when it is an error', { status: 404 }, 'br'],
    ['not when it is short', { fields: ['Content-Type', 'text/html', 'Content-Length', '1023'] }, 'never'],
    ['not when it is no text', { fields: ['Content-Type', 'image/png'] }, 'never'],
    ['not without a type', { fields: [] }, 'never'],
    ['not as an event stream', { fields: ['Content-Type', 'text/event-stream'] }, 'never'],
    ['not twice', { fields: [...text, 'Content-Encoding', 'gzip'] }, 'never'],
    ['not against the will of the app', { fields: [...text, 'Cache-Control', 'no-transform'] }, 'never'],
    ['not as a part', { status: 206, fields: [...text, 'Content-Range', 'bytes 0-1023/5000'] }, 'never'],
    ['not for a cache, which does it itself', { asked: [...taking, 'Via', '1.1 edge-cache'] }, 'never'],
    ['not for a client that does not ask', { asked: [] }, 'leave'],
    ['not for a client that would rather not', { asked: ['Accept-Encoding', 'gzip;q=0, identity'] }, 'leave'],
    ['not for a client that forbids it', { asked: [...taking, 'Cache-Control', 'no-transform'] }, 'leave'],
    ['not for HTTP/1.0', { version: '1.0' }, 'leave'],
    ['not without a body', { status: 204, fields: ['Content-Type', 'text/html'] }, 'never'],
    ['not as a 304', { status: 304, fields: ['ETag', '"x"'] }, 'never'],
  ] as const) {
    test(what, () => {
      const given = compression({ ...base, ...over });
      assert.equal(given.verdict === 'encode' ? given.coding : given.verdict, expected);
    });
  }
});

test('a 304 has the weak tag that its client was given, and says what selects', () => {
  const asked = ['If-None-Match', '"a", W/"x"'];
  const fields = ['ETag', '"x"', 'X-A', 'ETag'];
  const given = compression({ ...base, asked, status: 304, fields });
  assert.deepEqual(compressed(fields, given), ['ETag', 'W/"x"', 'X-A', 'ETag', 'Vary', 'Accept-Encoding']);
  assert.equal(compression({ ...base, asked: ['If-None-Match', '"x"'], status: 304, fields }).verdict, 'never');
});

test('the fields of a compressed answer tell of its form', () => {
  const fields = [...text, 'ETag', '"x"', 'Vary', 'Cookie', 'Accept-Ranges', 'bytes', 'Content-MD5', 'x'];
  const told = compressed(fields, { verdict: 'encode', coding: 'br' });
  for (const [name, value] of [
    ['etag', 'W/"x"'],
    ['vary', 'Cookie, Accept-Encoding'],
    ['content-encoding', 'br'],
  ] as const) {
    assert.equal(field(told, name), value);
  }
  for (const name of ['content-length', 'accept-ranges', 'content-md5']) assert.equal(has(told, name), false, name);
  assert.equal(field(compressed(fields, { verdict: 'leave' }), 'vary'), 'Cookie, Accept-Encoding');
});

const site = {
  routes: [
    { path: '/plain/', proxy: 'app', compress: false },
    { path: '/', proxy: 'app' },
  ],
} as const;

async function stand(script: Script) {
  await using own = new AsyncDisposableStack();
  const app = own.use(await scriptedOrigin(script));
  const tree = own.use(await fileTree({}));
  const front = own.use(await runFront({ root: tree.path, site, app: [app.address] }));
  const all = own.move();
  return { app, front, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

const words = randomBytes(200_000).toString('hex');
const undo = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync } as const;

describe('on the wire', () => {
  for (const coding of ['gzip', 'br', 'zstd'] as const) {
    for (const size of [1024, 5000, 70_000, 400_000]) {
      for (const framing of ['with its length', 'in chunks'] as const) {
        test(`${coding}: ${size} bytes ${framing}`, async () => {
          const sent = words.slice(0, size);
          await using it = await stand((_, reply) => {
            const length = framing === 'in chunks' ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', `${size}`];
            reply.send(200, ['Content-Type', 'text/plain', 'ETag', '"x"', ...length], sent);
          });
          const given = await fetch(`${it.front.url}/x`, {
            headers: { 'accept-encoding': `${coding}, identity;q=0.1` },
          });
          assert.equal(given.headers.get('content-encoding'), coding);
          assert.deepEqual([given.headers.get('vary'), given.headers.get('etag')], ['Accept-Encoding', 'W/"x"']);
          assert.equal(await given.text(), sent);
          // Its fields, without its body.
          const head = await it.front.ask('/x', ['Accept-Encoding', coding], 'HEAD');
          assert.deepEqual([head.get('content-encoding'), head.get('etag'), head.body], [coding, 'W/"x"', '']);
          assert.equal(head.get('content-length'), undefined);
        });
      }
    }
  }

  test('a trickle is not held back: each piece can be read before the next is made', async () => {
    const taken = [new Barrier(1), new Barrier(1)];
    await using it = await stand(async (_, reply) => {
      reply.head(200, ['Content-Type', 'text/plain']);
      for (const [i, barrier] of taken.entries()) {
        await reply.write(`piece ${i};`);
        await barrier.passed;
      }
      reply.end();
    });
    const given = await fetch(`${it.front.url}/x`, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(given.headers.get('content-encoding'), 'gzip');
    let read = '';
    const decoder = new TextDecoder();
    for await (const chunk of given.body ?? []) {
      read += decoder.decode(chunk);
      for (const [i, barrier] of taken.entries()) if (read.includes(`piece ${i};`)) barrier.arrive();
    }
    assert.equal(read, 'piece 0;piece 1;');
  });

  test('trailers come along, but for digests of what came', async () => {
    await using it = await stand((_, reply) => {
      reply.head(200, ['Content-Type', 'text/plain']);
      reply.end(words, ['X-Sum', '1', 'Repr-Digest', 'sha-256=:x:']);
    });
    const reply = await it.front.ask('/x', [...taking, 'TE', 'trailers']);
    assert.match(reply.body, /\r\n0\r\nX-Sum: 1\r\n\r\n$/);
  });

  test('a route can leave it', async () => {
    await using it = await stand((_, reply) => reply.send(200, ['Content-Type', 'text/plain'], words));
    const reply = await it.front.ask('/plain/x', taking);
    assert.deepEqual([reply.get('content-encoding'), reply.get('vary')], [undefined, undefined]);
    assert.equal(reply.body, words);
  });

  test('what breaks off in the middle looks broken', async () => {
    await using it = await stand(async (_, reply) => {
      reply.head(200, ['Content-Type', 'text/plain']);
      await reply.write('half');
      reply.break();
    });
    await using client = await rawConnect(it.front.port);
    await client.write('GET /x HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n');
    await client.closed;
    assert.match(client.received, /Content-Encoding: gzip/);
    assert.doesNotMatch(client.received, /\r\n0\r\n\r\n$/);
    const record = await eventually(() => it.front.records[0] ?? assert.fail('no record yet'));
    assert.deepEqual([record.outcome, record.fault?.reason], ['broken', 'reset-mid-body']);
  });

  test('who leaves leaves no encoder behind, and takes the app’s answer along', async () => {
    let isOver = false;
    await using it = await stand(async (_, reply) => {
      reply.head(200, ['Content-Type', 'text/plain']);
      await reply.write(words);
      await reply.closed;
      isOver = true;
    });
    await using client = await rawConnect(it.front.port);
    await client.write('GET /x HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n');
    await client.readUntil('\r\n\r\n');
    await eventually(() => assert.equal(it.front.proxying.encoders.streams, 1));
    client.reset();
    await eventually(() => assert.deepEqual([it.front.proxying.encoders.streams, isOver], [0, true]));
  });
});

for (const coding of ['gzip', 'br', 'zstd'] as const) {
  test(`${coding}: the bytes are those that a decoder of their kind reads`, async () => {
    await using it = await stand((_, reply) => reply.send(200, ['Content-Type', 'text/plain'], words.slice(0, 9000)));
    const reply = await it.front.ask('/x', ['Accept-Encoding', coding]);
    const chunks = reply.body.split(/^[0-9a-f]+\r\n/im);
    assert.ok(chunks.length > 1);
    const [size = ''] = reply.body.split('\r\n');
    const from = size.length + 2;
    const bytes = Buffer.from(reply.body.slice(from, from + Number.parseInt(size, 16)), 'latin1');
    assert.equal(undo[coding](bytes).toString(), words.slice(0, 9000));
  });
}
