import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeStand } from '../testing/stand.ts';

const fresh = ['Cache-Control', 'max-age=60'];
const itself = [...fresh, 'Content-Location', '/p?q'];

/** A POST, then a GET of the same; what the GET got, and from where. */
async function posted(fields: readonly string[], { status = 200, headers = {}, method = 'POST' } = {}) {
  await using stand = await edgeStand((request, reply) => {
    if (request.method === 'GET') return void reply.send(200, fresh, 'got');
    reply.send(status, fields, 'posted');
  });
  const answer = await stand.send(method, '/p?q', { body: 'x', headers });
  assert.equal(answer.body, 'posted');
  const after = await stand.get('/p?q');
  return [after.body, after.cacheStatus.includes('hit')];
}

test('the answer to a POST that is the target itself, and says how long, answers a later GET', async () => {
  assert.deepEqual(await posted(itself), ['posted', true]);
  assert.deepEqual(
    await posted([...fresh, 'Content-Location', 'http://127.0.0.1/p?q']),
    ['got', false],
    'another port',
  );
  assert.deepEqual(await posted([...fresh, 'Content-Location', '']), ['posted', true]);
});

for (const [what, fields, options] of [
  ['says no time', ['Content-Location', '/p?q', 'ETag', '"a"'], {}],
  ['guesses its time', ['Content-Location', '/p?q', 'Last-Modified', 'Wed, 01 Jan 2025 00:00:00 GMT'], {}],
  ['names no location', fresh, {}],
  ['names another location', [...fresh, 'Content-Location', '/p'], {}],
  ['is private', ['Cache-Control', 'private, max-age=60', 'Content-Location', '/p?q'], {}],
  ['sets a cookie', [...itself, 'Set-Cookie', 'a=b'], {}],
  ['is an error', itself, { status: 404 }],
  ['is somebody’s', itself, { headers: { authorization: 'x' } }],
  ['is not to be stored for its client', itself, { headers: { 'cache-control': 'no-store' } }],
  ['is one to a PUT', itself, { method: 'PUT' }],
] as const) {
  test(`an answer to a POST that ${what} answers no GET`, async () => {
    assert.deepEqual(await posted(fields, options), ['got', false]);
  });
}

test('a purge while the answer to a POST comes is not undone by it', async () => {
  const { promise: opened, resolve: finish } = Promise.withResolvers<void>();
  await using stand = await edgeStand(async (request, reply) => {
    if (request.method === 'GET') return void reply.send(200, fresh, 'got');
    reply.head(200, [...itself, 'Content-Length', '6']);
    void reply.write('pos');
    await opened;
    reply.end('ted');
  });
  const posting = stand.ask('/p?q', { method: 'POST', body: 'x' });
  await posting.head();
  await stand.send('PURGE', '/p?q');
  finish();
  assert.equal((await posting.whole()).body, 'posted');
  assert.equal((await stand.get('/p?q')).body, 'got');
});

test('an answer to a POST that breaks off is not stored', async () => {
  await using stand = await edgeStand((request, reply) => {
    if (request.method === 'GET') return void reply.send(200, fresh, 'got');
    reply.head(200, [...itself, 'Content-Length', '6']);
    void reply.write('pos').then(() => reply.break());
  });
  assert.equal(await stand.ask('/p?q', { method: 'POST', body: 'x' }).outcome, 'broken');
  assert.equal((await stand.get('/p?q')).body, 'got');
  assert.equal(stand.edge.store.stats().reservedBytes, 0);
});
