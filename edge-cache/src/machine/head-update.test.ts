import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policy } from '../define-policy.ts';
import { edgeStand } from '../testing/stand.ts';

const body = '0123456789';
const date = 'Wed, 01 Jan 2025 00:00:00 GMT';

// Without it the scripted origin would say that there are no bytes.
const unframed = (head: readonly string[]) => (head.includes('Content-Length') ? [] : ['Transfer-Encoding', 'chunked']);

/** A page that is fetched, gets stale, and is asked for with HEAD; then it is asked for again. */
async function afterHead(stored: readonly string[], head: readonly string[], status = 200) {
  await using stand = await edgeStand((request, reply) => {
    if (request.method === 'HEAD') return void reply.send(status, [...head, ...unframed(head)]);
    reply.send(200, stored, body);
  });
  await stand.get('/');
  stand.clock.advance(2000);
  const answer = await stand.send('HEAD', '/');
  assert.match(answer.cacheStatus, /fwd=stale/);
  const after = await stand.get('/');
  return { after, asked: stand.origin.requests.map(({ method }) => method) };
}

for (const [what, stored, head] of [
  ['has the same ETag', ['ETag', '"a"'], ['ETag', '"a"']],
  ['has the same ETag and length', ['ETag', '"a"'], ['ETag', '"a"', 'Content-Length', '10']],
  ['has the same time of change', ['Last-Modified', date], ['Last-Modified', date]],
] as const) {
  test(`a stored page lives on under the answer to a HEAD that ${what}`, async () => {
    const fields = ['Cache-Control', 'max-age=1', 'A', '1', ...stored];
    const { after, asked } = await afterHead(fields, ['Cache-Control', 'max-age=100', 'A', '2', ...head]);
    assert.match(after.cacheStatus, /hit; ttl=100/);
    assert.deepEqual([after.body, after.header('a')], [body, '2']);
    assert.deepEqual(asked, ['GET', 'HEAD']);
  });
}

for (const [what, head] of [
  ['another ETag', ['ETag', '"b"']],
  ['another time of change', ['Last-Modified', 'Wed, 01 Jan 2025 00:00:00 GMT']],
  ['another length', ['Content-Length', '11']],
] as const) {
  test(`a stored page is stale once a HEAD says ${what}`, async () => {
    const fields = ['Cache-Control', 'max-age=1', 'ETag', '"a"'];
    const { asked } = await afterHead(fields, ['Cache-Control', 'max-age=100', ...head]);
    assert.deepEqual(asked, ['GET', 'HEAD', 'GET']);
  });
}

for (const head of [[], ['Content-Length', '10']]) {
  test(`a HEAD without a validator (${head.join(': ')}) says nothing of what is stored`, async () => {
    const fields = ['Cache-Control', 'max-age=1', 'ETag', '"a"', 'A', '1'];
    const { after } = await afterHead(fields, ['Cache-Control', 'max-age=100', 'A', '2', ...head]);
    assert.match(after.cacheStatus, /fwd=stale/);
  });
}

test('what a HEAD forbids to store is dropped', async () => {
  const head = ['ETag', '"a"', 'Cache-Control', 'no-store'];
  const { after, asked } = await afterHead(['Cache-Control', 'max-age=1', 'ETag', '"a"'], head);
  assert.match(after.cacheStatus, /fwd=uri-miss/);
  assert.deepEqual(asked, ['GET', 'HEAD', 'GET']);
});

test('a HEAD that fails says nothing of what is stored', async () => {
  const { after } = await afterHead(['Cache-Control', 'max-age=1', 'ETag', '"a"'], ['Cache-Control', 'max-age=9'], 404);
  assert.match(after.cacheStatus, /fwd=stale/);
});

test('what the policy says of a page it says again when a HEAD confirms it', async () => {
  // It is the page, an answer to a GET, that is judged.
  const policy: Policy = { admit: (_, { method }) => (method === 'GET' ? { ttl: 1, tags: ['own'] } : { ttl: 0 }) };
  await using stand = await edgeStand(
    (request, reply) => {
      const fields = ['ETag', '"a"', 'A', request.method];
      if (request.method === 'HEAD') reply.send(200, [...fields, ...unframed(fields)]);
      else reply.send(200, fields, body);
    },
    { policy },
  );
  await stand.get('/');
  stand.clock.advance(2000);
  await stand.send('HEAD', '/');
  const after = await stand.get('/');
  assert.match(after.cacheStatus, /hit; ttl=1/);
  assert.equal(after.header('a'), 'HEAD');
  assert.equal([...stand.edge.store.tagged('own')].length, 1);
});
