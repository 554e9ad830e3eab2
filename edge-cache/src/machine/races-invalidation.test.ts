import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field } from '@trivet/kit/semantics/fields.ts';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { edgeStand, type Stand } from '../testing/stand.ts';
import { purge } from './purger.ts';

const tagged = ['Cache-Control', 'max-age=10', 'ETag', '"a"', 'Surrogate-Key', 't'];
const purgeTag = (stand: Stand, tag: string, soft = false) =>
  purge(stand.edge, { selector: { by: 'tags', tags: [tag] }, soft, dryRun: false });

/** The origin answers at once, but for its `held`th request, which waits for the gate. */
async function holding(held: number, answer: (n: number) => { status: number; fields: readonly string[] }) {
  const open = Promise.withResolvers<void>();
  let n = 0;
  const stand = await edgeStand(async (_, reply) => {
    n += 1;
    const mine = n;
    const { status, fields } = answer(mine);
    if (mine === held) await open.promise;
    reply.send(status, fields, `answer ${mine}`);
  });
  const reached = () => eventually(() => assert.equal(stand.origin.requests.length, held));
  return { stand, open, reached };
}

for (const [what, tag, body] of [
  ['of a tag that it turns out to have', 't', 'answer 2'],
  ['of another tag', 'other', 'answer 2'],
] as const) {
  test(`[case 36] who asks after a purge ${what} does not wait for a fetch from before it`, async () => {
    const { stand, open, reached } = await holding(1, () => ({ status: 200, fields: tagged }));
    await using _ = stand;
    const before = stand.ask('/');
    await reached();
    purgeTag(stand, tag);
    // Nobody knows yet what the tags of the first will be.
    assert.equal((await stand.get('/')).body, body);
    open.resolve();
    assert.equal((await before.whole()).body, 'answer 1');
  });
}

test('[case 36] what was asked for before the purge of its tag does not take the place of what came after it', async () => {
  const { stand, open, reached } = await holding(1, () => ({ status: 200, fields: tagged }));
  await using _ = stand;
  const before = stand.ask('/');
  await reached();
  purgeTag(stand, 't');
  assert.equal((await stand.get('/')).body, 'answer 2');
  open.resolve();
  await before.whole();
  assert.deepEqual([(await stand.get('/')).body, stand.edge.store.stats().entries], ['answer 2', 1]);
});

for (const soft of [false, true]) {
  test(`[case 28] a 304 does not bring back what a ${soft ? 'soft ' : ''}purge of its tag took meanwhile`, async () => {
    const { stand, open, reached } = await holding(2, (n) => ({ status: n === 2 ? 304 : 200, fields: tagged }));
    await using _ = stand;
    await stand.get('/');
    stand.clock.advance(11_000);
    const waiting = stand.ask('/');
    await reached();
    assert.equal(purgeTag(stand, 't', soft), 1);
    open.resolve();
    assert.equal((await waiting.whole()).body, 'answer 3');
    assert.equal((await stand.get('/')).body, 'answer 3');
  });
}

test('[case 28] nor does a 304 whose own tags were purged while it was on its way', async () => {
  const renewed = ['Cache-Control', 'max-age=10', 'ETag', '"a"', 'Surrogate-Key', 'new'];
  const { stand, open, reached } = await holding(2, (n) =>
    n === 2 ? { status: 304, fields: renewed } : { status: 200, fields: tagged },
  );
  await using _ = stand;
  await stand.get('/');
  stand.clock.advance(11_000);
  const waiting = stand.ask('/');
  await reached();
  purgeTag(stand, 'new');
  open.resolve();
  assert.equal((await waiting.whole()).body, 'answer 3');
});

test('[case 36] purged by its tag while it is being refetched, an answer does not stand in when that fails', async () => {
  const { stand, open, reached } = await holding(2, (n) => ({ status: n === 1 ? 200 : 503, fields: tagged }));
  await using _ = stand;
  await stand.get('/');
  stand.clock.advance(11_000);
  const waiting = stand.ask('/');
  await reached();
  purgeTag(stand, 't');
  open.resolve();
  assert.equal((await waiting.whole()).status, 503);
});

test('[case 38] what is asked for at once after a purge is new, whatever was on its way', async () => {
  const { stand, open, reached } = await holding(2, (n) => ({
    status: 200,
    fields: ['Cache-Control', `max-age=${n}0`],
  }));
  await using _ = stand;
  await stand.get('/');
  stand.clock.advance(11_000);
  const before = stand.ask('/');
  await reached();
  assert.deepEqual(JSON.parse((await stand.send('PURGE', '/')).body), { purged: 1 });
  const after = await stand.get('/');
  assert.deepEqual([after.body, after.cacheStatus], ['answer 3', 'edge-cache; fwd=uri-miss; stored']);
  open.resolve();
  assert.equal((await before.whole()).body, 'answer 2');
  assert.equal((await stand.get('/')).cacheStatus, 'edge-cache; hit; ttl=30');
});

test('[case 39] a soft purge while a refresh is on its way is followed by one refresh more', async () => {
  const fields = ['Cache-Control', 'max-age=10, stale-while-revalidate=60', 'ETag', '"a"'];
  const { stand, open, reached } = await holding(2, (n) => ({ status: n === 2 ? 304 : 200, fields }));
  await using _ = stand;
  await stand.get('/');
  stand.clock.advance(11_000);
  assert.match((await stand.get('/')).cacheStatus, /stale-while-revalidate/);
  await reached();
  purge(stand.edge, { selector: { by: 'all' }, soft: true, dryRun: false });
  assert.match((await stand.get('/')).cacheStatus, /ttl=-1; detail="stale-while-revalidate"/);
  assert.match((await stand.get('/')).cacheStatus, /stale-while-revalidate|hit; ttl=10/);
  await eventually(async () => assert.equal((await stand.get('/')).body, 'answer 3'));
  open.resolve();
  await eventually(() => assert.equal(stand.edge.flights.size, 0));
  assert.equal((await stand.get('/')).body, 'answer 3', 'the 304 from before the purge renews nothing');
  assert.equal(stand.origin.requests.length, 3);
  assert.equal(field(stand.origin.requests[2]?.fields ?? [], 'if-none-match'), '"a"');
});
