import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fields } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { Policy } from './define-policy.ts';
import { ban } from './testing/ban.ts';
import { askFast, fresh, inBothLanes, stored } from './testing/lanes.ts';
import { edgeStand } from './testing/stand.ts';

const left: readonly [name: string, fields: Fields, target?: string][] = [
  ['a miss', [], '/b'],
  ['a miss that may not be fetched', ['Cache-Control', 'only-if-cached'], '/b'],
  ['a range', ['Range', 'bytes=0-1']],
  ['a condition that fails', ['If-Match', '"b"']],
  ['a client that wants it new', ['Cache-Control', 'no-cache']],
  ['a client that wants it new, in the old way', ['Pragma', 'no-cache']],
  ['a client with credentials', ['Authorization', 'Basic YTpi']],
];
for (const [name, fields, target = '/a'] of left) {
  test(`${name} is left to the slow lane, untouched`, async () => {
    await using stand = await stored();
    assert.equal(askFast(stand, { target, fields }), undefined);
  });
}

test('what is stale is left to the slow lane, and so is what is past all use', async () => {
  await using stand = await stored();
  stand.clock.advance(61_000);
  assert.equal(askFast(stand, { target: '/a' }), undefined);
  assert.equal(askFast(stand, { target: '/a', fields: ['Cache-Control', 'max-stale=1000'] }), undefined);
  stand.clock.advance(1e9);
  assert.equal(askFast(stand, { target: '/a' }), undefined);
});

const hooks: readonly [name: string, policy: Policy, isFast: boolean][] = [
  ['receive', { receive: () => undefined }, false],
  ['key', { key: () => 'own' }, false],
  ['deliver', { deliver: () => undefined }, false],
  ['synth', { synth: () => undefined }, true],
  ['admit', { admit: () => undefined }, true],
  ['fetch', { fetch: () => undefined }, true],
  ['query', { query: { sort: true } }, true],
  ['cookies', { cookies: { keep: [] } }, true],
];
for (const [name, policy, isFast] of hooks) {
  test(`with a policy that has ${name}, hits are ${isFast ? '' : 'not '}answered from memory`, async () => {
    await using stand = await stored({ policy });
    assert.equal((await inBothLanes(stand, { target: '/a', fields: ['Cookie', 'a=b'] })) !== undefined, isFast);
  });
}

test('a policy that is put in force counts for the next request', async () => {
  await using stand = await stored();
  assert.ok(askFast(stand, { target: '/a' }));
  stand.adopt({ deliver: () => ({ set: { 'X-New': '1' } }) });
  assert.equal(askFast(stand, { target: '/a' }), undefined);
  stand.adopt({ query: { remove: ['x'] } });
  assert.ok(await inBothLanes(stand, { target: '/a?x=1' }));
});

test('the policy’s `fetch` is not asked for the sake of a stale answer that the slow lane gives', async () => {
  const asked: string[] = [];
  const policy: Policy = {
    fetch: ({ path }) => {
      asked.push(path);
      return undefined;
    },
  };
  await using stand = await stored({ policy, grace: 60_000 });
  stand.clock.advance(61_000);
  asked.length = 0;
  assert.equal(askFast(stand, { target: '/a' }), undefined);
  assert.deepEqual(asked, []);
});

test('within its grace it is answered from memory while its refresh is under way, and not before', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let n = 0;
  await using stand = await edgeStand(
    async (_, reply) => {
      n += 1;
      if (n > 1) await promise;
      reply.send(200, fresh, `answer ${n}`);
    },
    { grace: 60_000 },
  );
  await stand.get('/a');
  stand.clock.advance(61_000);
  assert.equal(askFast(stand, { target: '/a' }), undefined);
  assert.match((await stand.get('/a')).cacheStatus, /stale-while-revalidate/);
  const fast = await inBothLanes(stand, { target: '/a' });
  assert.match(fast?.bytes ?? '', /hit; ttl=-1; detail="stale-while-revalidate"[\s\S]*answer 1$/);
  resolve();
  await eventually(() => assert.match(askFast(stand, { target: '/a' })?.bytes ?? '', /answer 2$/));
});

test('a response that answers for other queries than its own does it in the slow lane', async () => {
  await using stand = await stored({}, [...fresh, 'No-Vary-Search', 'params']);
  assert.equal(askFast(stand, { target: '/a?b' }), undefined);
  assert.match((await stand.get('/a?b')).cacheStatus, /hit/);
});

test('a page with markup is left to the slow lane', async () => {
  await using stand = await stored({}, [...fresh, 'Surrogate-Control', 'content="ESI/1.0"']);
  assert.equal(askFast(stand, { target: '/a' }), undefined);
});

test('a part is left to the slow lane', async () => {
  await using stand = await edgeStand((_, reply) => reply.send(206, [...fresh, 'Content-Range', 'bytes 0-1/10'], 'ab'));
  await stand.get('/a', { range: 'bytes=0-1' });
  assert.equal(stand.edge.store.stats().entries, 1);
  assert.equal(askFast(stand, { target: '/a' }), undefined);
});

test('trailers are left to the slow lane where the client takes them', async () => {
  await using stand = await edgeStand((_, reply) => {
    reply.head(200, [...fresh, 'Trailer', 'X-Sum']);
    reply.end('abc', ['X-Sum', '1']);
  });
  await stand.get('/a');
  assert.equal(askFast(stand, { target: '/a', fields: ['TE', 'trailers'] }), undefined);
  assert.ok(await inBothLanes(stand, { target: '/a' }));
});

test('a ban is tested by the slow lane, and what was found to stand is answered from memory again', async () => {
  await using stand = await stored();
  ban(stand, 'obj.status == 404');
  assert.equal(askFast(stand, { target: '/a' }), undefined);
  await stand.get('/a');
  assert.ok(await inBothLanes(stand, { target: '/a' }));
  ban(stand, 'req.http.x == 1');
  assert.equal(askFast(stand, { target: '/a' }), undefined);
  await stand.get('/c');
  assert.ok(await inBothLanes(stand, { target: '/c' }), 'what was fetched after the ban is not meant by it');
});

test('what is banned is not answered from memory', async () => {
  await using stand = await stored();
  ban(stand, 'req.url == /a');
  assert.equal(askFast(stand, { target: '/a' }), undefined);
  assert.match((await stand.get('/a')).body, /answer 2/);
});

test('a request with a body, or of HTTP/1.0, is none for it', async () => {
  await using stand = await stored();
  assert.equal(askFast(stand, { target: '/a' }, { version: '1.0' }), undefined);
  assert.equal(askFast(stand, { target: '/a' }, { method: 'POST' }), undefined);
});
