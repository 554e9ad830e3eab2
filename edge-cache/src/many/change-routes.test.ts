import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BanTold } from '../machine/elsewhere.ts';
import { manyStand, type ScriptedWorker, says } from '../testing/many-stand.ts';
import { banRoutes, purgeRoute } from './change-routes.ts';

const added: BanTold = { verdict: 'added', superseded: false, inForce: 1 };
const purges: ScriptedWorker = { told: () => [{ purged: 2 }] };
const bans: ScriptedWorker = { told: () => added };
const cannot: ScriptedWorker = {};

async function changing(...workers: ScriptedWorker[]) {
  return await manyStand(workers, (app, crew) => {
    purgeRoute(app, crew);
    banRoutes(app, crew);
  });
}

for (const [what, workers, error] of [
  ['one worker', [purges, cannot], /"worker 2 did not confirm it within 2000ms; .* again"\}$/],
  ['several workers', [cannot, purges, cannot], /"workers 1, 3 did not confirm/],
] as const) {
  for (const [path, body] of [
    ['/purge', { all: true }],
    ['/ban', { expression: 'req.url == /' }],
  ] as const) {
    test(`what ${what} could not carry out of POST ${path} is answered 503, with their numbers`, async () => {
      await using stand = await changing(...workers);
      const response = await fetch(stand.url + path, { method: 'POST', body: JSON.stringify(body) });
      assert.deepEqual([response.status, response.headers.get('retry-after')], [503, '1']);
      assert.match(await response.text(), error);
    });
  }
}

test('a batch of purges is told once, and answered order by order', async () => {
  const told: unknown[] = [];
  const worker = (...purged: number[]): ScriptedWorker => ({
    told(what) {
      told.push(what);
      return purged.map((n) => ({ purged: n }));
    },
  });
  await using stand = await changing(worker(1, 0), worker(2, 4));
  const { body } = await stand.post('/purge', [{ tags: ['a'] }, { tags: ['b'] }]);
  assert.deepEqual(body, { purged: 7, results: [{ purged: 3 }, { purged: 4 }] });
  assert.equal(told.length, 2);
  assert.deepEqual((await stand.post('/purge', { tags: ['a'] })).body, { purged: 3 });
});

test('no worker is told of an order that is none', async () => {
  await using stand = await changing(cannot);
  for (const path of ['/purge', '/ban']) assert.equal((await stand.post(path, { nothing: 1 })).status, 400);
});

test('bans are numbered in their order, and dated', async () => {
  let told: unknown;
  await using stand = await changing({
    told(what) {
      told = what;
      return added;
    },
  });
  const ban = { expression: 'req.url == /' };
  const before = Date.now();
  assert.deepEqual(await stand.post('/ban', ban), {
    status: 200,
    body: { banned: true, id: 1, ...ban, superseded: false, inForce: 1 },
  });
  assert.partialDeepStrictEqual(told, { do: 'ban', id: 1, ...ban });
  assert.ok(Number((told as { addedAt: number }).addedAt) >= before);
  assert.partialDeepStrictEqual((await stand.post('/ban', ban)).body, { id: 2 });
});

for (const [what, answers, body] of [
  ['was superseded in one worker is so in all', [added, { ...added, superseded: true }], { superseded: true }],
  ['is in force counts as where most are', [added, { ...added, inForce: 5 }], { inForce: 5 }],
  ['no worker was there to hear is in force nowhere', [], { banned: true, superseded: false, inForce: 0 }],
] as const) {
  test(`a ban that ${what}`, async () => {
    await using stand = await changing(...answers.map((told): ScriptedWorker => ({ told: () => told })));
    assert.partialDeepStrictEqual((await stand.post('/ban', { expression: 'req.url == /' })).body, body);
  });
}

test('a ban for which one worker has no room is answered 503', async () => {
  const full: BanTold = { verdict: 'full', why: 'there are 1000 bans' };
  await using stand = await changing(bans, { told: () => full });
  const said = await stand.post('/ban', { expression: 'req.url == /' });
  assert.deepEqual(said, { status: 503, body: { error: 'there are 1000 bans' } });
});

test('a dry run of a ban is asked, and told nobody', async () => {
  const dry = (matching: number): ScriptedWorker => ({ admin: says({ dryRun: true, matching }) });
  await using stand = await changing(dry(2), dry(3));
  const said = await stand.post('/ban', { expression: 'req.url == /', dryRun: true });
  assert.deepEqual(said, { status: 200, body: { dryRun: true, matching: 5 } });
});

test('a list of bans is that of all workers, or none', async () => {
  const ban = (id: number, tested: number) => ({ id, tested, needsRequest: false, completed: false, ended: null });
  const lists = (...list: object[]): ScriptedWorker => ({ admin: says(list) });
  await using stand = await changing(lists(ban(1, 1)), lists(ban(2, 0), ban(1, 2)), cannot);
  const said = await stand.json('/bans');
  assert.equal(said.status, 503);
  assert.match(JSON.stringify(said.body), /no answer from worker 3/);
  // What a worker held that has ended is gone with it.
  stand.leave(3);
  assert.deepEqual(await stand.json('/bans'), { status: 200, body: [ban(2, 0), ban(1, 3)] });
});
