import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { ScriptedReply } from '@trivet/kit/testing/scripted-reply.ts';
import { Asking } from '../testing/client.ts';
import { rawStand } from '../testing/raw-stand.ts';
import { edgeStand } from '../testing/stand.ts';

const ok = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n';
const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';
const good = `${ok}Content-Length: 4\r\n\r\ngood`;

for (const [what, method, bytes, status, body] of [
  ['[case 20] bytes behind the announced length', 'GET', `${ok}Content-Length: 4\r\n\r\nfour${poison}`, 200, 'four'],
  [
    '[case 20] bytes behind the last chunk',
    'GET',
    `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n${poison}`,
    200,
    'four',
  ],
  [
    '[case 65] a body behind a 204',
    'GET',
    `HTTP/1.1 204 No Content\r\nCache-Control: max-age=60\r\n\r\n${poison}`,
    204,
    '',
  ],
  ['[case 56] a body behind the head for a HEAD', 'HEAD', `${ok}Content-Length: 72\r\n\r\n${poison}`, 200, ''],
] as const) {
  test(`${what} is nobody’s, and the connection is not used again`, async () => {
    await using stand = await rawStand(bytes, good);
    const first = await new Asking(stand.port, '/', { method }).whole();
    assert.deepEqual([first.status, first.body], [status, body]);
    assert.equal((await new Asking(stand.port, '/other').whole()).body, 'good');
    assert.equal(stand.origin.connections, 2);
  });
}

test('a connection on which nothing was too much is used again', async () => {
  await using stand = await rawStand(good);
  for (const path of ['/', '/other']) assert.equal((await new Asking(stand.port, path).whole()).body, 'good');
  assert.equal(stand.origin.connections, 1);
});

for (const [what, bytes] of [
  ['the status 000', 'HTTP/1.1 000 None\r\nContent-Length: 0\r\n\r\n'],
  ['the status 1000', 'HTTP/1.1 1000 Many\r\nContent-Length: 0\r\n\r\n'],
  ['a line without a colon', 'HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ['two framings', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  [
    'a part that names no place',
    'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes x\r\nContent-Length: 1\r\n\r\na',
  ],
] as const) {
  test(`[case 65] an origin that answers with ${what} is a 502, and nothing is stored`, async () => {
    await using stand = await rawStand(bytes);
    const answer = await new Asking(stand.port, '/').whole();
    assert.deepEqual([answer.status, stand.edge.store.stats().entries], [502, 0]);
    assert.match(answer.header('proxy-status') ?? '', /^edge-cache;error=http_protocol_error/);
  });
}

test('[case 65] a head without a reason phrase is a head', async () => {
  await using stand = await rawStand('HTTP/1.1 200\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\ngood');
  assert.equal((await new Asking(stand.port, '/').whole()).body, 'good');
  assert.match((await new Asking(stand.port, '/').whole()).cacheStatus, /hit/);
});

test('[case 53] a part of a body that turns out short is a broken transfer, never filled up', async () => {
  const breaking = Promise.withResolvers<void>();
  await using stand = await edgeStand(async (_, reply) => {
    reply.head(200, ['Cache-Control', 'max-age=60', 'Content-Length', '10']);
    await reply.write('01234');
    await breaking.promise;
    reply.break();
  });
  const across = stand.ask('/', { headers: { range: 'bytes=2-8' } });
  await eventually(() => assert.equal(across.received, '234'));
  assert.equal((await stand.get('/', { range: 'bytes=1-3' })).body, '123', 'what is here is a part already');
  breaking.resolve();
  assert.equal(await across.outcome, 'broken');
  assert.equal(stand.edge.store.stats().entries, 0);
});

test('[case 54] no part of an empty body can be given', async () => {
  await using stand = await edgeStand((_, reply) => reply.send(200, ['Cache-Control', 'max-age=60']));
  for (const range of ['bytes=0-', 'bytes=-1', 'bytes=0-0']) {
    const { status, header } = await stand.get('/', { range });
    assert.deepEqual([status, header('content-range')], [416, 'bytes */0'], range);
  }
  assert.equal((await stand.get('/', { range: 'bytes=' })).status, 200);
});

test('[case 14] when its first client has left and the answer is for nobody else, it is broken off, and the others ask', async () => {
  const replies: ScriptedReply[] = [];
  await using stand = await edgeStand(async (_, reply) => {
    replies.push(reply);
    if (replies.length > 1) reply.send(200, ['Cache-Control', 'private'], 'mine');
  });
  const leader = stand.ask('/');
  await eventually(() => assert.equal(replies.length, 1));
  const follower = stand.ask('/');
  await stand.begun(2);
  leader.leave();
  await eventually(() => assert.equal(stand.records.length, 1));
  replies[0]?.head(200, ['Cache-Control', 'private']);
  assert.equal((await follower.whole()).body, 'mine');
  await replies[0]?.closed;
  assert.equal(replies[0]?.isAbandoned, true);
  assert.equal(stand.origin.requests.length, 2);
});

test('[case 22] a refresh that fails slowly leaves the stale answer, and the origin alone for as long as it took', async () => {
  const open = Promise.withResolvers<void>();
  let n = 0;
  await using stand = await edgeStand(async (_, reply) => {
    n += 1;
    if (n === 2) {
      await open.promise;
      return reply.send(504);
    }
    reply.send(200, ['Cache-Control', 'max-age=10, stale-while-revalidate=100'], `answer ${n}`);
  });
  await stand.get('/');
  stand.clock.advance(11_000);
  await stand.get('/');
  await eventually(() => assert.equal(n, 2));
  stand.clock.advance(8000);
  open.resolve();
  await eventually(() => assert.equal(stand.edge.counters.failedRefreshes, 1));
  stand.clock.advance(7999);
  assert.match((await stand.get('/')).cacheStatus, /^edge-cache; hit; ttl=-17; detail="stale-if-error"$/);
  assert.equal(n, 2);
  stand.clock.advance(1);
  assert.equal((await stand.get('/')).body, 'answer 1');
  await eventually(async () => assert.equal((await stand.get('/')).body, 'answer 3'));
});
