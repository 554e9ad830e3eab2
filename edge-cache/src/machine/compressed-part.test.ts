import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { edgeStand } from '../testing/stand.ts';

const body = Array.from({ length: 20_000 }, (_, i) => `line ${i}`).join('\n');
const { length } = body;
const fields = ['Cache-Control', 'max-age=60', 'Content-Type', 'text/plain', 'ETag', '"a"'];
const gzip = { 'accept-encoding': 'gzip' };

type Expected = readonly [status: number, contentRange: string | undefined, first: number, end: number];
const ranges: readonly [headers: Record<string, string>, expected: Expected][] = [
  [{ range: 'bytes=0-9' }, [206, `bytes 0-9/${length}`, 0, 10]],
  [{ range: 'bytes=70000-70003' }, [206, `bytes 70000-70003/${length}`, 70_000, 70_004]],
  [{ range: 'bytes=70000-' }, [206, `bytes 70000-${length - 1}/${length}`, 70_000, length]],
  [{ range: 'bytes=-5' }, [206, `bytes ${length - 5}-${length - 1}/${length}`, length - 5, length]],
  [{ range: `bytes=${length}-` }, [416, `bytes */${length}`, 0, 0]],
  [{ range: 'lines=0-1' }, [200, undefined, 0, length]],
  [{ range: 'bytes=0-9', 'if-range': '"a"' }, [206, `bytes 0-9/${length}`, 0, 10]],
  [{ range: 'bytes=0-9', 'if-range': 'W/"a"' }, [200, undefined, 0, length]],
  [{ range: 'bytes=0-9', 'if-range': '"b"' }, [200, undefined, 0, length]],
];

for (const [headers, [status, contentRange, first, end]] of ranges) {
  for (const accepted of [{}, gzip]) {
    test(`[case 52] of what is stored compressed, ${JSON.stringify({ ...headers, ...accepted })} gets ${status}`, async () => {
      await using stand = await edgeStand((_, reply) => reply.send(200, fields, body));
      await stand.get('/', gzip);
      const answer = await stand.get('/', { ...headers, ...accepted });
      assert.deepEqual([answer.status, answer.header('content-range')], [status, contentRange]);
      // A part is one of the bytes that the origin sent, with their own entity tag; the whole comes as it is stored.
      const isCoded = accepted === gzip && status === 200;
      const bytes = isCoded ? gunzipSync(answer.bytes) : answer.bytes;
      assert.equal(bytes.toString(), body.slice(first, end));
      assert.equal(answer.header('etag'), isCoded ? 'W/"a"' : '"a"');
      assert.equal(answer.header('content-encoding'), isCoded ? 'gzip' : undefined);
      assert.equal(answer.header('content-length'), String(answer.bytes.length));
      assert.equal(answer.header('vary'), 'Accept-Encoding');
      assert.match(answer.cacheStatus, /hit/);
    });
  }
}

test('[case 53] a part of what is being compressed is given when its whole length is announced', async () => {
  for (const isAnnounced of [true, false]) {
    const framing = isAnnounced ? ['Content-Length', String(length)] : [];
    const open = Promise.withResolvers<void>();
    await using stand = await edgeStand(async (_, reply) => {
      reply.head(200, [...fields, ...framing]);
      await reply.write(body.slice(0, 60_000));
      await open.promise;
      reply.end(body.slice(60_000));
    });
    const whole = stand.ask('/', { headers: gzip });
    await whole.head();
    const leader = stand.ask('/', { headers: { ...gzip, range: 'bytes=10-19' } });
    const follower = stand.ask('/', { headers: { range: 'bytes=59990-60009' } });
    if (isAnnounced) await eventually(() => assert.equal(leader.received, body.slice(10, 20)));
    open.resolve();
    const [first, second] = [await leader.whole(), await follower.whole()];
    assert.equal(gunzipSync((await whole.whole()).bytes).toString(), body);
    if (isAnnounced) {
      assert.deepEqual([first.status, second.status], [206, 206]);
      assert.equal(second.body, body.slice(59_990, 60_010));
      assert.equal(second.header('content-range'), `bytes 59990-60009/${length}`);
    } else {
      assert.deepEqual([first.status, second.status], [200, 200]);
      assert.deepEqual([gunzipSync(first.bytes).toString(), second.body], [body, body]);
    }
    assert.equal(stand.origin.requests.length, 1);
    await eventually(() => assert.equal(stand.edge.store.stats().entries, 1));
  }
});

test('[case 53] a length that nobody announced is known once all of it is there', async () => {
  await using stand = await edgeStand((_, reply) => {
    reply.head(200, fields);
    reply.end(body);
  });
  await stand.get('/', gzip);
  const part = await stand.get('/', { range: 'bytes=-3' });
  assert.deepEqual([part.status, part.body], [206, body.slice(-3)]);
  assert.equal((await stand.get('/')).header('content-length'), String(length));
});

test('[case 52] where the whole has come before its head goes out, there is still no part of the compressed bytes', async () => {
  await using stand = await edgeStand((_, reply) => {
    reply.head(200, fields);
    reply.end('0123456789');
  });
  for (const range of ['bytes=2-', 'bytes=0-0,4-5', 'bytes=500-']) {
    await stand.send('PURGE', '/');
    const first = await stand.get('/', { ...gzip, range });
    assert.deepEqual([first.status, gunzipSync(first.bytes).toString()], [200, '0123456789']);
  }
  assert.equal((await stand.get('/', { ...gzip, range: 'bytes=2-3' })).body, '23');
});

test('[case 52] of what the origin compressed, decoded, there are no parts', async () => {
  const { gzipSync } = await import('node:zlib');
  const zipped = gzipSync(body);
  await using stand = await edgeStand((_, reply) => reply.send(200, [...fields, 'Content-Encoding', 'gzip'], zipped));
  const able = await stand.get('/', { ...gzip, range: 'bytes=0-9' });
  assert.deepEqual([able.status, able.bytes], [206, zipped.subarray(0, 10)]);
  const unable = await stand.get('/', { range: 'bytes=0-9' });
  assert.deepEqual([unable.status, unable.body, unable.header('accept-ranges')], [200, body, undefined]);
});

for (const accepted of [{}, gzip]) {
  test(`[case 52] several parts of what is stored compressed are cut from what the origin sent (${JSON.stringify(accepted)})`, async () => {
    await using stand = await edgeStand((_, reply) => reply.send(200, fields, body));
    await stand.get('/', gzip);
    const answer = await stand.get('/', { ...accepted, range: 'bytes=70000-70003, -1, 0-1' });
    assert.equal(answer.status, 206);
    const boundary = /boundary=(\S+)$/.exec(answer.header('content-type') ?? '')?.[1];
    const part = (first: number, last: number) =>
      `--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes ${first}-${last}/${length}\r\n\r\n` +
      `${body.slice(first, last + 1)}\r\n`;
    const parts = [part(0, 1), part(70_000, 70_003), part(length - 1, length - 1)];
    assert.equal(answer.body, `${parts.join('')}--${boundary}--\r\n`);
    assert.equal(answer.header('content-length'), String(answer.bytes.length));
    assert.equal(answer.header('content-encoding'), undefined);
  });
}
