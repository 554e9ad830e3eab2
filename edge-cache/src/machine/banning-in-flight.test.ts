import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { ban } from '../testing/ban.ts';
import { edgeStand, type Stand } from '../testing/stand.ts';
import { purge } from './purger.ts';

const fresh = ['Cache-Control', 'max-age=60'];
const short = ['Cache-Control', 'max-age=10', 'ETag', '"a"', 'X-Kind', 'old'];

const body = async (stand: Stand, path: string, headers = {}) => (await stand.get(path, headers)).body;

/** The origin holds its first answer back until it is let go. */
async function holding(fields: readonly string[], headFirst = false) {
  const open = Promise.withResolvers<void>();
  let n = 0;
  const stand = await edgeStand(async (_, reply) => {
    n += 1;
    const mine = n;
    if (mine > 1) return reply.send(200, fields, `answer ${mine}`);
    if (!headFirst) {
      await open.promise;
      return reply.send(200, fields, `answer ${mine}`);
    }
    reply.head(200, [...fields]);
    await reply.write('answer ');
    await open.promise;
    reply.end('1');
  });
  return { stand, open };
}

for (const [expression, isMeant] of [
  ['req.url == /', true],
  ['req.url == /other', false],
  ['req.url == / && req.http.host ~ ^127', true],
  ['obj.http.x-kind == a', true],
  ['obj.http.x-kind == b', false],
  ['obj.status == 200 && req.http.x-user == 7', true],
  ['obj.status == 200 && req.http.x-user == 8', true],
  ['obj.status == 404 && req.http.x-user == 7', false],
  ['obj.age < 1s', true],
] as const) {
  test(`[case 36] ${expression} while the origin thinks: the answer is${isMeant ? ' not' : ''} stored`, async () => {
    const { stand, open } = await holding([...fresh, 'X-Kind', 'a']);
    await using _ = stand;
    const before = stand.ask('/', { headers: { 'x-user': '7' } });
    await eventually(() => assert.equal(stand.origin.requests.length, 1));
    ban(stand, expression);
    open.resolve();
    assert.equal((await before.whole()).body, 'answer 1', 'who asked before it gets what was asked for');
    assert.equal(await body(stand, '/'), isMeant ? 'answer 2' : 'answer 1');
  });

  test(`[case 37] ${expression} while the body comes: the answer is${isMeant ? ' not' : ''} stored`, async () => {
    const { stand, open } = await holding([...fresh, 'X-Kind', 'a'], true);
    await using _ = stand;
    const before = stand.ask('/', { headers: { 'x-user': '7' } });
    await eventually(() => assert.equal(before.received, 'answer '));
    ban(stand, expression);
    if (isMeant) assert.equal(await body(stand, '/'), 'answer 2', 'nobody joins');
    open.resolve();
    assert.equal((await before.whole()).body, 'answer 1');
    assert.equal(await body(stand, '/'), isMeant ? 'answer 2' : 'answer 1');
  });
}

for (const [what, invalidate] of [
  ['a ban by a field that only the head will tell', (stand: Stand) => void ban(stand, 'obj.http.x-kind == a')],
  ['a ban that is meant for other requests', (stand: Stand) => void ban(stand, 'req.http.x-user == 9')],
  [
    'a purge by a tag that only the head will tell',
    ({ edge }: Stand) => void purge(edge, { selector: { by: 'tags', tags: ['t'] }, soft: false, dryRun: false }),
  ],
] as const) {
  test(`[case 36] who comes after ${what} does not wait for the fetch that began before it`, async () => {
    const { stand, open } = await holding([...fresh, 'X-Kind', 'a', 'Surrogate-Key', 't']);
    await using _ = stand;
    const before = stand.ask('/');
    await eventually(() => assert.equal(stand.origin.requests.length, 1));
    invalidate(stand);
    assert.equal(await body(stand, '/', { 'x-user': '9' }), 'answer 2');
    open.resolve();
    assert.equal((await before.whole()).body, 'answer 1');
    assert.equal(await body(stand, '/', { 'x-user': '9' }), 'answer 2');
  });
}

for (const [expression, kind] of [
  ['req.url == /', 'old'],
  ['obj.http.x-kind == old', 'new'],
  ['obj.http.x-kind == new', 'new'],
  ['obj.http.x-kind == old && req.http.x-user == 7', 'old'],
] as const) {
  test(`[case 28] banned by ${expression} while it is validated, an answer is not brought back by a 304 that says ${kind}`, async () => {
    const asking = Promise.withResolvers<void>();
    const banned = Promise.withResolvers<void>();
    let n = 0;
    await using stand = await edgeStand(async (_, reply) => {
      n += 1;
      if (n === 1) return reply.send(200, short, 'old');
      if (n > 2) return reply.send(200, ['Cache-Control', 'max-age=10'], `answer ${n}`);
      asking.resolve();
      await banned.promise;
      reply.send(304, [...short.slice(0, 4), 'X-Kind', kind]);
    });
    await stand.get('/', { 'x-user': '7' });
    stand.clock.advance(11_000);
    const waiting = stand.ask('/', { headers: { 'x-user': '7' } });
    await asking.promise;
    ban(stand, expression);
    banned.resolve();
    assert.equal((await waiting.whole()).body, 'answer 3');
    assert.equal(await body(stand, '/'), 'answer 3');
  });
}

for (const status of [304, 503]) {
  test(`[case 28] purged by a tag while it is validated, an answer does not come back by a ${status}`, async () => {
    const asking = Promise.withResolvers<void>();
    const purged = Promise.withResolvers<void>();
    let n = 0;
    await using stand = await edgeStand(async (_, reply) => {
      n += 1;
      if (n !== 2) return reply.send(n === 1 ? 200 : 404, [...short, 'Surrogate-Key', 't'], `answer ${n}`);
      asking.resolve();
      await purged.promise;
      reply.send(status, []);
    });
    await stand.get('/');
    stand.clock.advance(11_000);
    const waiting = stand.ask('/');
    await asking.promise;
    purge(stand.edge, { selector: { by: 'tags', tags: ['t'] }, soft: false, dryRun: false });
    purged.resolve();
    assert.equal((await waiting.whole()).status, status === 304 ? 404 : 503);
  });
}

test('[case 36] banned while it is being refreshed, an answer does not stand in for an origin that fails', async () => {
  const asking = Promise.withResolvers<void>();
  const banned = Promise.withResolvers<void>();
  let n = 0;
  await using stand = await edgeStand(async (_, reply) => {
    n += 1;
    if (n === 1) return reply.send(200, short, 'old');
    asking.resolve();
    await banned.promise;
    reply.send(503, []);
  });
  await stand.get('/');
  stand.clock.advance(11_000);
  const waiting = stand.ask('/');
  await asking.promise;
  ban(stand, 'obj.http.x-kind == old');
  banned.resolve();
  assert.equal((await waiting.whole()).status, 503);
  assert.equal(stand.edge.store.stats().entries, 0);
});
