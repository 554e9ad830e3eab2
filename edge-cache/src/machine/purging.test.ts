import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { Selector } from '../policy/purge.ts';
import { edgeStand, numbered, type Stand } from '../testing/stand.ts';
import { purge } from './purger.ts';

const fresh = ['Cache-Control', 'max-age=60'];
const everything: Selector = { by: 'all' };
const here: Selector = { by: 'url', host: undefined, path: '/' };

const hard = (stand: Stand, selector: Selector) => purge(stand.edge, { selector, soft: false, dryRun: false });
const soft = (stand: Stand, selector: Selector) => purge(stand.edge, { selector, soft: true, dryRun: false });

async function filled() {
  const stand = await edgeStand(
    numbered((_, target) => ({
      fields: [...fresh, 'Vary', 'X-V', 'Surrogate-Key', target === '/a/1' ? 'one both' : 'both'],
    })),
  );
  for (const path of ['/a/1', '/a/2', '/b']) await stand.get(path);
  await stand.get('/a/1', { 'x-v': '2' });
  await stand.get('/a/1', { host: 'other.example' });
  return stand;
}

const selections: readonly [selector: Selector, purged: number][] = [
  [{ by: 'url', host: undefined, path: '/a/1' }, 3],
  [{ by: 'url', host: 'other.example', path: '/a/1' }, 1],
  [{ by: 'url', host: 'nowhere', path: '/a/1' }, 0],
  [{ by: 'prefix', host: undefined, path: '/a/' }, 4],
  [{ by: 'prefix', host: 'other.example', path: '/' }, 1],
  [{ by: 'tags', tags: ['one'] }, 3],
  [{ by: 'tags', tags: ['one', 'both'] }, 5],
  [{ by: 'tags', tags: ['none'] }, 0],
  [everything, 5],
];
for (const [selector, purged] of selections) {
  test(`a purge of ${JSON.stringify(selector)} takes ${purged} of 5`, async () => {
    await using stand = await filled();
    assert.equal(purge(stand.edge, { selector, soft: false, dryRun: true }), purged);
    assert.equal(stand.edge.store.stats().entries, 5, 'a dry run takes nothing');
    assert.equal(hard(stand, selector), purged);
    assert.equal(stand.edge.store.stats().entries, 5 - purged);
    assert.equal(hard(stand, selector), 0);
  });
}

test('[case 38] the method PURGE takes all variants of its URL, and says how many', async () => {
  await using stand = await filled();
  const purged = await stand.send('PURGE', '/a/1');
  assert.deepEqual([purged.status, JSON.parse(purged.body)], [200, { purged: 2 }]);
  assert.deepEqual(JSON.parse((await stand.send('PURGE', '/a/1')).body), { purged: 0 });
  assert.equal(stand.origin.requests.length, 5, 'the origin hears nothing of it');
});

test('PURGE from an address that may not is refused', async () => {
  await using stand = await edgeStand(
    numbered(() => ({ fields: fresh })),
    { purgeFrom: () => false },
  );
  await stand.get('/');
  const refused = await stand.send('PURGE', '/', { headers: { accept: 'application/json' } });
  assert.equal(refused.status, 403);
  assert.deepEqual(JSON.parse(refused.body).reason, 'purge-denied');
  assert.match((await stand.get('/')).cacheStatus, /hit/);
});

for (const [what, selector] of [
  ['by URL', here],
  ['by prefix', { by: 'prefix', host: undefined, path: '/' }],
  ['of everything', everything],
  ['by a tag that nobody knows yet', { by: 'tags', tags: ['t'] }],
] as const satisfies readonly (readonly [string, Selector])[]) {
  test(`[case 36] a purge ${what} while the origin thinks: what was asked before it is not stored`, async () => {
    const open = Promise.withResolvers<void>();
    let n = 0;
    await using stand = await edgeStand(async (_, reply) => {
      n += 1;
      const mine = n;
      if (mine === 1) await open.promise;
      reply.send(200, [...fresh, 'Surrogate-Key', 't'], `answer ${mine}`);
    });
    const before = stand.ask('/');
    await stand.begun(1);
    await eventually(() => assert.equal(stand.origin.requests.length, 1));
    assert.equal(hard(stand, selector), 0);
    if (selector.by !== 'tags') {
      assert.equal((await stand.get('/')).body, 'answer 2', 'who comes after it does not wait for the old fetch');
    }
    open.resolve();
    const old = await before.whole();
    assert.equal(old.body, 'answer 1', 'who came before it gets what was asked for');
    if (selector.by !== 'tags') assert.equal((await stand.get('/')).body, 'answer 2');
    else assert.match((await stand.get('/')).cacheStatus, /^edge-cache; fwd=uri-miss; stored/);
  });
}

test('[case 37] a purge while a body streams: its clients finish, nobody joins, nothing is stored', async () => {
  const open = Promise.withResolvers<void>();
  let n = 0;
  await using stand = await edgeStand(async (_, reply) => {
    n += 1;
    if (n > 1) return reply.send(200, fresh, 'after');
    reply.head(200, [...fresh, 'Surrogate-Key', 't']);
    await reply.write('before ');
    await open.promise;
    reply.end('end');
  });
  const early = stand.ask('/');
  await eventually(() => assert.equal(early.received, 'before '));
  hard(stand, { by: 'tags', tags: ['t'] });
  assert.equal((await stand.get('/')).body, 'after');
  open.resolve();
  assert.equal((await early.whole()).body, 'before end');
  assert.equal((await stand.get('/')).body, 'after');
  assert.equal(stand.edge.store.stats().entries, 1);
});

test('[case 39] a soft purge ends the lifetime and leaves the body for grace, for errors and for a 304', async () => {
  const fields = ['Cache-Control', 'max-age=60, stale-while-revalidate=30'];
  await using stand = await edgeStand(numbered(() => ({ fields })));
  await stand.get('/');
  stand.clock.advance(1000);
  assert.equal(soft(stand, here), 1);
  const stale = await stand.get('/');
  assert.deepEqual(
    [stale.body, stale.cacheStatus],
    ['answer 1', 'edge-cache; hit; ttl=0; detail="stale-while-revalidate"'],
  );
  await eventually(async () => assert.equal((await stand.get('/')).body, 'answer 2'));
  assert.equal(stand.origin.requests.length, 2);
});

test('softly purged, an answer stands in for a failing origin; purged, it does not', async () => {
  for (const [how, status] of [
    [soft, 200],
    [hard, 503],
  ] as const) {
    await using stand = await edgeStand(numbered((n) => (n === 1 ? { fields: fresh } : { status: 503 })));
    await stand.get('/');
    how(stand, here);
    assert.equal((await stand.get('/')).status, status);
  }
});

for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'M-SEARCH']) {
  test(`[case 42] the success of a ${method} outdates what it was sent to, and what it names`, async () => {
    await using stand = await edgeStand((request, reply) => {
      const named = ['Location', '/named', 'Content-Location', 'http://elsewhere.example/'];
      reply.send(request.method === 'GET' ? 200 : 201, request.method === 'GET' ? fresh : named, request.target);
    });
    for (const path of ['/', '/named', '/other']) await stand.get(path);
    const changed = await stand.send(method, '/', { body: 'x' });
    assert.equal(changed.cacheStatus, 'edge-cache; fwd=method');
    assert.match((await stand.get('/')).cacheStatus, /fwd=uri-miss/);
    assert.match((await stand.get('/named')).cacheStatus, /fwd=uri-miss/);
    assert.match((await stand.get('/other')).cacheStatus, /hit/);
  });
}

test('[case 42] a POST that fails outdates nothing', async () => {
  await using stand = await edgeStand((request, reply) => {
    if (request.method === 'GET') reply.send(200, fresh);
    else reply.send(500);
  });
  await stand.get('/');
  await stand.send('POST', '/', { body: 'x' });
  assert.match((await stand.get('/')).cacheStatus, /hit/);
});

test('[case 42] a fetch that began before a POST succeeded is not stored', async () => {
  const open = Promise.withResolvers<void>();
  await using stand = await edgeStand(async (request, reply) => {
    if (request.method === 'POST') return reply.send(204);
    if (!request.fields.includes('late')) await open.promise;
    reply.send(200, fresh, request.fields.includes('late') ? 'after' : 'before');
  });
  const before = stand.ask('/');
  await eventually(() => assert.equal(stand.origin.requests.length, 1));
  await stand.send('POST', '/', { body: 'x' });
  assert.equal((await stand.get('/', { 'x-when': 'late' })).body, 'after');
  open.resolve();
  const outdated = await before.whole();
  assert.deepEqual([outdated.body, outdated.cacheStatus], ['before', 'edge-cache; fwd=uri-miss; detail="purged"']);
  assert.equal((await stand.get('/')).body, 'after');
});
