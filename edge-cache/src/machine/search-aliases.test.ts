import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeStand, numbered } from '../testing/stand.ts';

const fields = ['Cache-Control', 'max-age=60', 'No-Vary-Search', 'params=("utm_source"), key-order'];

test('a response answers for every query that by its own word makes no difference', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields })));
  await stand.get('/p?a=1&utm_source=x');
  for (const path of ['/p?a=1', '/p?utm_source=y&a=1', '/p?a=1&utm_source=x']) {
    const answer = await stand.get(path);
    assert.deepEqual([answer.header('x-n'), /; hit;/.test(answer.cacheStatus)], ['1', true], path);
  }
  assert.equal((await stand.get('/p?a=2')).header('x-n'), '2');
  assert.equal((await stand.get('/q?a=1')).header('x-n'), '3');
});

test('one that is stale is fetched again under the name that it is asked for by', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields })));
  await stand.get('/p?a=1');
  stand.clock.advance(61_000);
  const again = await stand.get('/p?a=1&utm_source=x');
  assert.match(again.cacheStatus, /fwd=uri-miss; stored/);
  assert.equal(stand.origin.requests[1]?.target, '/p?a=1&utm_source=x');
});

test('one that no longer says so answers for its own query alone', async () => {
  let says = fields;
  await using stand = await edgeStand(numbered(() => ({ fields: says })));
  await stand.get('/p?a=1');
  says = ['Cache-Control', 'max-age=60'];
  stand.clock.advance(61_000);
  await stand.get('/p?a=1');
  assert.match((await stand.get('/p?a=1&utm_source=x')).cacheStatus, /fwd=uri-miss/);
});

test('a purge of a URL takes what answers for it', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields })));
  await stand.get('/p?a=1');
  assert.equal((await stand.send('PURGE', '/p?a=1&utm_source=x')).body, '{"purged":1}\n');
  assert.match((await stand.get('/p?a=1')).cacheStatus, /fwd=uri-miss/);
});

test('a client that wants no fetch gets it too', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields })));
  await stand.get('/p?a=1');
  const answer = await stand.get('/p?utm_source=x&a=1', { 'cache-control': 'only-if-cached' });
  assert.deepEqual([answer.status, answer.header('x-n')], [200, '1']);
});
