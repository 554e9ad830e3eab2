import assert from 'node:assert/strict';
import { pbkdf2, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { brotliDecompressSync, createBrotliDecompress, gunzipSync } from 'node:zlib';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { ScriptedReply } from '@trivet/kit/testing/scripted-reply.ts';
import { edgeStand } from '../testing/stand.ts';

const fresh = ['Cache-Control', 'max-age=60', 'Content-Type', 'text/plain', 'ETag', '"a"', 'Surrogate-Key', 't'];
const br = { 'accept-encoding': 'br' };
const text = (bytes: number) => Buffer.alloc(bytes, 'some text that can be made much shorter, ').toString();

/** An edge whose origin answers as the test goes on. */
async function stepwise(options: Parameters<typeof edgeStand>[1] = {}, fields: readonly string[] = []) {
  const replies: ScriptedReply[] = [];
  const stand = await edgeStand(({ target }, reply) => {
    if (target === '/else') return reply.send(204);
    reply.head(200, [...fresh, ...fields]);
    replies.push(reply);
  }, options);
  const reply = () =>
    eventually(() => {
      const [first] = replies;
      assert.ok(first);
      return first;
    });
  return { stand, reply };
}

test('whoever shares a fetch gets each byte while the origin is silent, in the form that he can take', async () => {
  const { stand, reply } = await stepwise();
  await using edge = stand;
  const [leader, follower] = [edge.ask('/', { headers: br }), edge.ask('/')];
  const origin = await reply();
  const late = edge.ask('/', { headers: { 'accept-encoding': 'gzip' } });
  const decoder = createBrotliDecompress();
  let seen = '';
  let fed = 0;
  decoder.on('data', (bytes: Buffer) => {
    seen += bytes.toString();
  });
  let sent = '';
  for (const line of ['first\n', 'second\n', 'third\n']) {
    await origin.write(line);
    sent += line;
    await eventually(() => {
      const bytes = Buffer.from(leader.received, 'latin1');
      decoder.write(bytes.subarray(fed));
      fed = bytes.length;
      assert.deepEqual([seen, follower.received, late.received], [sent, sent, sent]);
    });
  }
  decoder.destroy();
  origin.end();
  const [first, second, third] = [await leader.whole(), await follower.whole(), await late.whole()];
  assert.equal(first.header('content-encoding'), 'br');
  assert.equal(brotliDecompressSync(first.bytes).toString(), sent);
  assert.deepEqual([second.body, third.body], [sent, sent]);
  assert.deepEqual([second.header('content-encoding'), second.header('etag')], [undefined, '"a"']);
  assert.match(second.cacheStatus, /collapsed/);
  assert.equal(edge.origin.requests.length, 1);
  assert.equal((await edge.get('/', br)).header('content-length'), String(first.bytes.length));
});

test('the head of a decoded answer does not wait for its body', async () => {
  const { stand, reply } = await stepwise();
  await using edge = stand;
  const leader = edge.ask('/', { headers: br });
  const origin = await reply();
  const follower = edge.ask('/');
  assert.equal((await follower.head()).header('content-encoding'), undefined);
  assert.equal((await leader.head()).header('content-encoding'), 'br');
  origin.end(text(2000));
  assert.equal((await follower.whole()).body, text(2000));
});

for (const [name, framing] of [
  ['of unknown length', []],
  ['shorter than announced', ['Content-Length', '500000']],
] as const) {
  test(`a body ${name} that breaks is broken for everybody, and nothing is stored`, async () => {
    const { stand, reply } = await stepwise({}, framing);
    await using edge = stand;
    const askers = [edge.ask('/', { headers: br }), edge.ask('/')];
    const origin = await reply();
    await origin.write(text(100_000));
    await eventually(() => assert.ok(askers.every((asker) => asker.receivedBytes > 0)));
    origin.break();
    for (const asker of askers) assert.equal(await asker.outcome, 'broken');
    await eventually(() => {
      const { entries, reservedBytes } = edge.edge.store.stats();
      assert.deepEqual([entries, reservedBytes, edge.edge.encoders.streams, edge.edge.flights.size], [0, 0, 0, 0]);
    });
  });
}

test('it is compressed and stored though everybody has left', async () => {
  const { stand, reply } = await stepwise();
  await using edge = stand;
  const asker = edge.ask('/', { headers: br });
  const origin = await reply();
  await origin.write(text(50_000));
  await eventually(() => assert.ok(asker.receivedBytes > 0));
  asker.leave();
  await eventually(() => assert.equal(edge.records.length, 1));
  origin.end(text(50_000));
  await eventually(() => assert.equal(edge.edge.store.stats().entries, 1));
  assert.equal((await edge.get('/')).body, text(50_000) + text(50_000));
});

test('where the store has no room for it, it goes on compressed, at the pace of its readers, and is not stored', async () => {
  const body = randomBytes(6_000_000).toString('latin1');
  await using edge = await edgeStand(
    async (_, reply) => {
      reply.head(200, fresh);
      reply.end(Buffer.from(body, 'latin1'));
    },
    { storeMemory: 1_000_000 },
  );
  const slow = edge.ask('/', { headers: br });
  await slow.pause();
  const plain = edge.ask('/');
  await eventually(() => assert.ok(edge.edge.counters.collapsed === 1 || plain.receivedBytes > 0));
  await slow.resume();
  const [first, second] = [await slow.whole(), await plain.whole()];
  assert.equal(brotliDecompressSync(first.bytes).toString('latin1') === body, true);
  assert.equal(second.body === body, true);
  await eventually(() => assert.equal(edge.edge.flights.size, 0));
  assert.deepEqual([edge.edge.store.stats().entries, edge.edge.store.stats().reservedBytes], [0, 0]);
  assert.equal(edge.edge.encoders.streams, 0);
});

test('it ends when it is not stored and its last reader leaves', async () => {
  const { stand, reply } = await stepwise({ storeMemory: 500_000 });
  await using edge = stand;
  const only = edge.ask('/', { headers: br });
  const origin = await reply();
  await only.head();
  await only.pause();
  void origin.write(randomBytes(8_000_000));
  await eventually(() => assert.equal(edge.edge.store.stats().reservedBytes > 0, true));
  only.leave();
  await origin.closed;
  assert.equal(origin.isAbandoned, true);
  await eventually(() => assert.equal(edge.edge.flights.size, 0));
  assert.deepEqual([edge.edge.encoders.streams, edge.edge.store.stats().reservedBytes], [0, 0]);
});

/** Keeps zlib from getting on until the result is awaited. */
function busyThreads(): Promise<unknown> {
  const run = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    pbkdf2('a', 'b', 100_000, 64, 'sha512', () => resolve());
    return promise;
  };
  return Promise.all(Array.from({ length: 8 }, run));
}

for (const [name, purge] of [
  ['by its tag', { tags: ['t'] }],
  ['with all', { all: true }],
] as const) {
  test(`purged ${name} between the end of its body and the end of its compression it is not stored`, async () => {
    const { stand, reply } = await stepwise();
    await using edge = stand;
    const asker = edge.ask('/', { headers: br });
    const origin = await reply();
    await origin.write(text(100_000));
    await eventually(() => assert.ok(asker.receivedBytes > 0));
    const busy = busyThreads();
    // Little enough not to hold the origin back.
    origin.end(text(1000));
    await origin.closed;
    // What the origin said last has come by then.
    await edge.get('/else');
    assert.equal(edge.edge.flights.size, 1);
    if ('tags' in purge) edge.edge.flights.withdrawTags(purge.tags);
    else edge.edge.flights.withdraw(() => true);
    await busy;
    assert.equal(brotliDecompressSync((await asker.whole()).bytes).toString(), text(100_000) + text(1000));
    await eventually(() => assert.equal(edge.edge.flights.size, 0));
    assert.deepEqual([edge.edge.store.stats().entries, edge.edge.store.stats().reservedBytes], [0, 0]);
  });
}

test('abandoned between the end of its body and the end of its compression it breaks', async () => {
  const { stand, reply } = await stepwise();
  await using edge = stand;
  const asker = edge.ask('/', { headers: br });
  const origin = await reply();
  await origin.write(text(100_000));
  await eventually(() => assert.ok(asker.receivedBytes > 0));
  const busy = busyThreads();
  // Little enough not to hold the origin back.
  origin.end(text(1000));
  await origin.closed;
  await edge.get('/else');
  assert.equal(edge.edge.flights.size, 1);
  edge.edge.flights.abandonAll();
  assert.equal(await asker.outcome, 'broken');
  await busy;
  assert.deepEqual([edge.edge.flights.size, edge.edge.store.stats().entries, edge.edge.encoders.streams], [0, 0, 0]);
});

test('a slow client gets what was stored when it asked, decoded, though it is purged and its memory is used again', async () => {
  const body = randomBytes(4_000_000).toString('hex');
  await using edge = await edgeStand((request, reply) =>
    reply.send(200, fresh, request.target === '/' ? body : randomBytes(4_000_000).toString('hex')),
  );
  await edge.get('/', br);
  const slow = edge.ask('/');
  await slow.pause();
  for (const entry of [...edge.edge.store.entries()]) edge.edge.store.drop(entry);
  await edge.get('/other', br);
  await slow.resume();
  assert.equal((await slow.whole()).body === body, true);
  assert.equal(edge.edge.store.stats().entries, 1);
});

test('a client that leaves while its answer is decoded leaves nothing behind', async () => {
  const body = randomBytes(4_000_000).toString('hex');
  await using edge = await edgeStand((_, reply) => reply.send(200, fresh, body));
  await edge.get('/', br);
  const slow = edge.ask('/');
  await slow.pause();
  slow.leave();
  for (const entry of [...edge.edge.store.entries()]) edge.edge.store.drop(entry);
  await eventually(() => assert.deepEqual([edge.records.length, edge.edge.store.stats().reservedBytes], [2, 0]));
});

test('trailers come with what goes out as it is stored, but for a digest of what it was', async () => {
  await using edge = await edgeStand((_, reply) => {
    reply.head(200, [...fresh, 'Trailer', 'X-End, Repr-Digest']);
    reply.end(text(5000), ['X-End', 'yes', 'Repr-Digest', 'sha-256=:AA==:']);
  });
  for (let i = 0; i < 2; i++) {
    const asker = edge.ask('/', { headers: { 'accept-encoding': 'gzip', te: 'trailers' } });
    assert.equal(gunzipSync((await asker.whole()).bytes).toString(), text(5000));
    assert.deepEqual({ ...(await asker.trailers()) }, { 'x-end': 'yes' });
  }
});
