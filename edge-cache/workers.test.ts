// The edge as several processes: one port, one cache for whoever invalidates.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import type { Script } from '@trivet/kit/testing/scripted-origin.ts';
import type { EdgeProcess } from './src/testing/edge-process.ts';
import { workersStand } from './src/testing/workers-stand.ts';

const TIMES = 12;

/** Answers carry their number; a path is tagged with its first letter. */
function counted(fields: readonly string[] = []): Script {
  let n = 0;
  return (request, reply) => {
    n += 1;
    const tag = ['Cache-Tag', request.target.slice(1, 2)];
    reply.send(200, ['Cache-Control', 'max-age=600', ...tag, ...fields], `${request.method} ${request.target} ${n}`);
  };
}

const three = (script: Script = counted()) => workersStand(script, { EDGE_WORKERS: '3' });

test('several processes answer on one port, and each has a store of its own', async () => {
  await using stand = await three();
  const { edge } = stand;
  const pids = await edge.pids();
  assert.equal(new Set([...pids, edge.child.pid]).size, 4);
  assert.equal((await edge.texts('/a', TIMES)).size, 3);
  const stats = await edge.stats();
  assert.partialDeepStrictEqual(stats, {
    store: { entries: 3 },
    answers: { hits: TIMES - 3, misses: 3 },
    counters: { 'MAIN.cache_miss': 3, 'MAIN.client_req': TIMES },
  });
  const limit = Number(stats.store?.limitBytes);
  assert.ok(limit <= 256 * 2 ** 20 && limit > 255 * 2 ** 20, `${limit}`);
  await eventually(async () => {
    const { text } = await edge.told('/metrics');
    assert.match(text, /^trivet_cache_hits_total\{tier="edge-cache"\} 9$/m);
    assert.match(
      text,
      /^trivet_http_requests_total\{method="GET",status="200",outcome="done",tier="edge-cache"\} 12$/m,
    );
    assert.match(text, /^trivet_http_request_duration_seconds_count\{tier="edge-cache"\} 12$/m);
    assert.match(text, /^trivet_workers\{tier="edge-cache"\} 3$/m);
  });
  assert.deepEqual((await edge.told('/ready')).json(), { ready: true });
  const top = (await edge.told('/top?by=hits&limit=1')).json();
  assert.deepEqual(top.urls, [{ url: 'a/a', count: TIMES - 3, over: 0 }]);
  assert.equal((await edge.told('/varnishstat')).json().counters['MAIN.cache_hit'].value, TIMES - 3);
});

for (const [what, invalidate, purged] of [
  ['a purge by URL', (e: EdgeProcess) => e.post('/purge', { url: 'http://a/x' }), { purged: 3 }],
  ['a purge by tag', (e: EdgeProcess) => e.post('/purge', { tags: ['x'] }), { purged: 3 }],
  ['a soft purge', (e: EdgeProcess) => e.post('/purge', { prefix: '/x', soft: true }), { purged: 3 }],
  [
    'a batch',
    (e: EdgeProcess) => e.post('/purge', [{ url: '/x' }, { url: '/y' }]),
    { purged: 6, results: [{ purged: 3 }, { purged: 3 }] },
  ],
] as const) {
  test(`${what} is seen by every worker before it is answered`, async () => {
    await using stand = await three();
    const { edge } = stand;
    const old = await edge.texts('/x', TIMES);
    await edge.texts('/y', TIMES);
    const said = await invalidate(edge);
    assert.deepEqual([said.status, said.json()], [200, purged]);
    for (const text of await edge.texts('/x', TIMES)) assert.ok(!old.has(text), text);
  });
}

test('what is wrong with a purge is said once, and a dry run takes nothing', async () => {
  await using stand = await three();
  const { edge } = stand;
  await edge.texts('/x', TIMES);
  const wrong = await edge.post('/purge', { urls: '/x' });
  assert.deepEqual([wrong.status, wrong.json()], [400, { error: 'there is no member "urls"' }]);
  assert.deepEqual((await edge.post('/purge', { all: true, dryRun: true })).json(), { purged: 3, fetches: 0 });
  assert.equal((await edge.texts('/x', TIMES)).size, 3);
});

test('a ban is in force everywhere before it is answered, and is one ban', async () => {
  await using stand = await three();
  const { edge } = stand;
  const old = await edge.texts('/x', TIMES);
  const dry = await edge.post('/ban', { expression: 'req.url ~ ^/x', dryRun: true });
  assert.partialDeepStrictEqual(dry.json(), { dryRun: true, matching: 3, dependingOnRequest: 0 });
  const said = await edge.post('/ban', { expression: 'req.url ~ ^/x' });
  const banned = { banned: true, id: 1, expression: 'req.url ~ ^/x', superseded: false, inForce: 1 };
  assert.deepEqual(said.json(), banned);
  for (const text of await edge.texts('/x', TIMES)) assert.ok(!old.has(text), text);
  // Bans of requests stay in force as long as something is stored that was fetched before them.
  await edge.post('/ban', { expression: 'req.http.z == 1' });
  const again = await edge.post('/ban', { expression: 'req.http.z == 1' });
  assert.partialDeepStrictEqual(again.json(), { id: 3, superseded: true });
  const bans = (await edge.told('/bans')).json();
  assert.deepEqual(
    bans.map((ban: { id: number }) => ban.id),
    [3, 2, 1],
  );
  assert.partialDeepStrictEqual(bans, [
    { id: 3, completed: false, ended: null },
    { id: 2, completed: true, ended: 'superseded' },
    { id: 1, taken: 3 },
  ]);
  assert.partialDeepStrictEqual(await edge.stats(), { bans: { added: 3, superseded: 1 } });
  const wrong = await edge.post('/ban', { expression: 'req.url = /a' });
  assert.deepEqual([wrong.status, wrong.json().column], [400, 9]);
});

test('the method PURGE reaches one worker, and all of them forget', async () => {
  await using stand = await three();
  const { edge } = stand;
  const old = await edge.texts('/x', TIMES);
  const said = await edge.ask('/x', { method: 'PURGE' });
  assert.deepEqual([said.status, said.text], [200, '{"purged":3}\n']);
  for (const text of await edge.texts('/x', TIMES)) assert.ok(!old.has(text), text);
  assert.partialDeepStrictEqual(await edge.stats(), { answers: { purges: 1, purged: 3 } });
});

test('the success of a POST is known to all workers before its client hears of it', async () => {
  await using stand = await three(counted(['Cache-Groups', '"g"']));
  const { edge } = stand;
  const old = await edge.texts('/x', TIMES);
  const grouped = await edge.texts('/y', TIMES);
  const posted = await edge.ask('/x', { method: 'POST', body: 'b' });
  assert.match(posted.text, /^POST \/x \d+$/);
  for (const text of await edge.texts('/x', TIMES)) assert.ok(!old.has(text), text);
  for (const text of await edge.texts('/y', TIMES)) assert.ok(!grouped.has(text), text);
});

test('what is in a group with what one worker alone held is forgotten by all', async () => {
  await using stand = await three(counted(['Cache-Groups', '"g"']));
  const { edge } = stand;
  const grouped = await edge.texts('/y', TIMES);
  // One worker has it; the next connection goes to another.
  await edge.ask('/x');
  assert.equal((await edge.ask('/x', { method: 'DELETE' })).status, 200);
  for (const text of await edge.texts('/y', TIMES)) assert.ok(!grouped.has(text), text);
});

test('explain tells what a worker knows that has it stored', async () => {
  await using stand = await three();
  const { edge } = stand;
  await edge.ask('/once');
  for (let i = 0; i < 6; i++) {
    const told = (await edge.told('/explain?url=http://a/once')).json();
    assert.deepEqual([told.lookup.why, told.variants.length, told.last.status], ['fresh', 1, 200]);
  }
  assert.match((await edge.told('/explain?url=http://a/once&format=text')).text, /^lookup +deliver/m);
  assert.equal((await edge.told('/explain?uri=/')).status, 400);
});

test('the live log tells of the exchanges of all workers in one stream', async () => {
  await using stand = await three();
  const { edge } = stand;
  const response = await fetch(`${edge.admin}/log?limit=${TIMES}`);
  await edge.texts('/x', TIMES);
  const text = await response.text();
  const events = text.split('\n\n').filter((block) => block.startsWith('data:'));
  assert.equal(events.length, TIMES);
  assert.equal(text.match(/: listening/g)?.length, 1);
  assert.match(text, /event: end\ndata: \{"why":"limit"\}\n\n$/);
  const wrong = await edge.told('/log?filter=status%20~');
  assert.equal(wrong.status, 400);
});
