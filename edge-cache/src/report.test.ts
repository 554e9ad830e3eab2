import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { adminStand } from './testing/admin-stand.ts';
import { edgeStand, numbered } from './testing/stand.ts';

const fresh = ['Cache-Control', 'max-age=60'];
const open = () =>
  edgeStand(numbered((_, target) => ({ fields: [...fresh, 'Surrogate-Key', `all ${target.slice(1)}`] })));

test('POST /purge answers with the number of what it took, or with what is wrong', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  await stand.get('/a');
  const dry = await admin.purge({ url: '/a', dryRun: true });
  assert.deepEqual([dry.status, dry.body], [200, { purged: 1, fetches: 0 }]);
  const purged = await admin.purge({ url: `http://127.0.0.1:${stand.port}/a` });
  assert.deepEqual([purged.status, purged.body], [200, { purged: 1 }]);
  assert.deepEqual((await admin.purge({ all: true })).body, { purged: 0 });
  const bad = await admin.purge({ url: 'nonsense' });
  assert.equal(bad.status, 400);
  assert.match(bad.body.error ?? '', /"url" must be/);
});

test('a batch of orders is followed one after the other, and says what each took', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  for (const path of ['/a', '/b', '/c', '/d', '/e']) await stand.get(path);
  const { status, body } = await admin.purge([
    { url: ['/a', `http://127.0.0.1:${stand.port}/b`, '/a', '/nowhere'] },
    { prefix: ['/c', '/d'] },
    { tags: ['e', 'a'], soft: true },
    { all: true },
  ]);
  assert.equal(status, 200);
  assert.deepEqual(body, {
    purged: 6,
    results: [{ purged: 2 }, { purged: 2 }, { purged: 1 }, { purged: 1 }],
  });
  assert.equal(stand.edge.store.stats().entries, 0);
});

test('a dry run of a batch counts, and takes nothing', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  for (const path of ['/a', '/b']) await stand.get(path);
  const { body } = await admin.purge([
    { url: '/a', dryRun: true },
    { all: true, dryRun: true },
  ]);
  const results = [
    { purged: 1, fetches: 0 },
    { purged: 2, fetches: 0 },
  ];
  assert.deepEqual(body, { purged: 3, results });
  assert.equal(stand.edge.store.stats().entries, 2);
});

test('a batch with one bad order does nothing, and names it', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  await stand.get('/a');
  const { status, body } = await admin.purge([{ all: true }, { urls: '/a' }]);
  assert.equal(status, 400);
  assert.deepEqual(body, { error: 'order 1: there is no member "urls"', index: 1 });
  assert.equal(stand.edge.store.stats().entries, 1);
});

test('a list of URLs goes by what the policy leaves of their queries, and by its own keys', async () => {
  const policy = {
    query: { remove: ['utm_*'] },
    key: ({ path }: { path: string }) => (path === '/own' ? 'a key of its own' : undefined),
  };
  await using stand = await edgeStand(
    numbered(() => ({ fields: fresh })),
    { policy },
  );
  await using admin = await adminStand(stand);
  await stand.get('/a?x=1&utm_source=y');
  await stand.get('/own');
  const host = `http://127.0.0.1:${stand.port}`;
  assert.deepEqual((await admin.purge({ url: [`${host}/a?x=1&utm_source=z`, `${host}/own`] })).body, { purged: 2 });
});

test('a dry run counts the fetches on their way that would not be stored', async () => {
  const go = Promise.withResolvers<void>();
  await using stand = await edgeStand(async ({ target }, reply) => {
    if (target === '/thinking') await go.promise;
    reply.head(200, [...fresh, 'Cache-Tag', 'slow', 'Content-Length', '4']);
    await go.promise;
    reply.end('body');
  });
  await using admin = await adminStand(stand);
  const asked = [stand.ask('/thinking'), stand.ask('/coming')];
  await asked[1]?.head();
  await eventually(async () => {
    assert.deepEqual((await admin.purge({ all: true, dryRun: true })).body, { purged: 0, fetches: 2 });
  });
  assert.deepEqual((await admin.purge({ prefix: '/com', dryRun: true })).body, { purged: 0, fetches: 1 });
  const byTag = await admin.purge({ tags: ['slow', 'x'], dryRun: true });
  assert.deepEqual(byTag.body, { purged: 0, fetches: 1 }, 'the tags of the other are not known yet');
  await admin.purge({ prefix: '/com' });
  assert.deepEqual((await admin.purge({ all: true, dryRun: true })).body, { purged: 0, fetches: 1 });
  go.resolve();
  for (const one of asked) assert.equal((await one.whole()).body, 'body');
  assert.equal(stand.edge.store.stats().entries, 1, 'the dry run withdrew nothing, the purge one');
});

test('a purge of a hundred thousand tags is read, and done', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  await stand.get('/a');
  const tags = Array.from({ length: 100_000 }, (_, i) => `article-${i}`);
  assert.deepEqual((await admin.purge({ tags: [...tags, 'a'] })).body, { purged: 1 });
});

test('GET /stats tells what is stored and what was answered, in Varnish’s words too', async () => {
  await using stand = await open();
  await using admin = await adminStand(stand);
  await stand.get('/a');
  await stand.get('/a');
  const { body } = await admin.json('/stats');
  assert.partialDeepStrictEqual(body, {
    store: { entries: 1 },
    answers: { hits: 1, misses: 1, stored: 1 },
    counters: { 'MAIN.client_req': 2, 'MAIN.cache_hit': 1, 'MAIN.cache_miss': 1, 'MAIN.n_object': 1 },
    listeners: 0,
  });
});
