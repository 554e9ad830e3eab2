import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { ban } from '../testing/ban.ts';
import { type Answer, edgeStand, numbered, type Stand } from '../testing/stand.ts';
import { bansApplying } from './banner.ts';
import { purge } from './purger.ts';

const fresh = ['Cache-Control', 'max-age=60'];
const short = ['Cache-Control', 'max-age=10', 'ETag', '"a"', 'X-Kind', 'old'];

const body = async (stand: Stand, path: string, headers = {}) => (await stand.get(path, headers)).body;

test('[case 38] [case 41] what a ban is meant for is fetched anew, once; the rest stays', async () => {
  const answer = (_: number, target: string): Answer => ({
    fields: [...fresh, 'Content-Type', target.endsWith('.png') ? 'image/png' : 'text/html'],
  });
  await using stand = await edgeStand(numbered(answer));
  for (const path of ['/x/a.png', '/x/b', '/y.png']) await stand.get(path);
  ban(stand, 'req.url ~ ^/x && obj.http.content-type ~ "^image/"');
  const again = await stand.get('/x/a.png');
  assert.deepEqual([again.body, again.cacheStatus], ['answer 4', 'edge-cache; fwd=uri-miss; stored']);
  assert.equal(stand.edge.counters.banned, 1);
  assert.equal(await body(stand, '/x/a.png'), 'answer 4', 'newer than the ban');
  assert.equal(await body(stand, '/x/b'), 'answer 2');
  assert.equal(await body(stand, '/y.png'), 'answer 3');
});

test('one variant is banned, its sisters stay', async () => {
  const script = numbered((n) => ({ fields: [...fresh, 'Vary', 'X-V', 'X-Number', String(n)] }));
  await using stand = await edgeStand(script);
  await stand.get('/', { 'x-v': '1' });
  await stand.get('/', { 'x-v': '2' });
  ban(stand, 'obj.http.x-number == 1');
  assert.match((await stand.get('/', { 'x-v': '2' })).cacheStatus, /hit/);
  assert.match((await stand.get('/', { 'x-v': '1' })).cacheStatus, /fwd=vary-miss; stored/);
  assert.equal(stand.edge.store.stats().entries, 2);
});

test('a ban that asks for a field of the request keeps older answers from those requests, whoever came first', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: fresh })));
  await stand.get('/');
  ban(stand, 'req.http.x-user == 7');
  assert.equal(await body(stand, '/', { 'x-user': '8' }), 'answer 1');
  assert.equal(await body(stand, '/', { 'x-user': '7' }), 'answer 2');
  assert.equal(await body(stand, '/', { 'x-user': '7' }), 'answer 2');
});

for (const [expression, isBanned] of [
  ['obj.age > 5s', true],
  ['obj.age > 11s', false],
  ['obj.ttl < 50s', false],
  ['obj.ttl <= 50s', true],
  ['obj.ttl < 60s && obj.age >= 10s', true],
] as const) {
  test(`ten seconds old and fresh for fifty more, an answer is${isBanned ? '' : ' not'} banned by ${expression}`, async () => {
    await using stand = await edgeStand(numbered(() => ({ fields: fresh })));
    await stand.get('/');
    stand.clock.advance(10_000);
    ban(stand, expression);
    // Age is that of the moment when the ban was given, however late an answer is looked up.
    stand.clock.advance(20_000);
    assert.equal(await body(stand, '/'), isBanned ? 'answer 2' : 'answer 1');
  });
}

test('[case 28] banned, an answer stands in for nothing and gives no condition', async () => {
  await using stand = await edgeStand(numbered((n) => (n === 1 ? { fields: short } : { status: 503 })));
  await stand.get('/');
  stand.clock.advance(11_000);
  ban(stand, 'obj.status == 200');
  assert.equal((await stand.get('/')).status, 503);
  assert.equal(field(stand.origin.requests[1]?.fields ?? [], 'if-none-match'), undefined);
});

test('[case 41] what a 304 confirmed after a ban is newer than the ban', async () => {
  await using stand = await edgeStand((request, reply) => {
    const isAsked = field(request.fields, 'if-none-match') !== undefined;
    reply.send(isAsked ? 304 : 200, short, isAsked ? '' : 'old');
  });
  await stand.get('/');
  stand.clock.advance(11_000);
  ban(stand, 'req.http.x-user == 7');
  assert.equal(await body(stand, '/'), 'old');
  assert.match((await stand.get('/', { 'x-user': '7' })).cacheStatus, /hit/);
});

test('a softly purged answer is banned like any other', async () => {
  await using stand = await edgeStand(
    numbered(() => ({ fields: ['Cache-Control', 'max-age=60, stale-while-revalidate=60'] })),
  );
  await stand.get('/');
  ban(stand, 'req.url == /');
  purge(stand.edge, { selector: { by: 'all' }, soft: true, dryRun: false });
  assert.equal(await body(stand, '/'), 'answer 2');
});

test('under a key of the policy’s own, a ban goes by what an answer was fetched for', async () => {
  const key = ({ path }: { readonly path: string }) => (path.startsWith('/m/') ? 'mobile' : undefined);
  await using stand = await edgeStand(
    numbered(() => ({ fields: fresh })),
    { policy: { key } },
  );
  await stand.get('/m/a');
  ban(stand, 'req.url == /m/b');
  assert.equal(await body(stand, '/m/b'), 'answer 1');
  ban(stand, 'req.url == /m/a');
  assert.equal(await body(stand, '/m/b'), 'answer 2');
});

test('which bans apply can be asked without effect', async () => {
  await using stand = await edgeStand(numbered(() => ({ fields: fresh })));
  await stand.get('/a');
  ban(stand, 'req.url == /a');
  ban(stand, 'req.http.x-user == 7');
  const [entry] = stand.edge.store.entries();
  assert.ok(entry);
  const added = new Date(stand.clock.now).toISOString();
  const byUrl = { id: 1, expression: 'req.url == /a', added };
  assert.deepEqual(bansApplying(stand.edge, entry, []), [byUrl]);
  assert.deepEqual(bansApplying(stand.edge, entry, ['X-User', '7']), [
    byUrl,
    { id: 2, expression: 'req.http.x-user == 7', added },
  ]);
  assert.deepEqual([entry.testedBan, stand.edge.store.stats().entries], [0, 1]);
  assert.equal(await body(stand, '/a'), 'answer 2');
});
