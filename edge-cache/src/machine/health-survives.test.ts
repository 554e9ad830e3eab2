import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@trivet/kit/testing/eventually.ts';
import { scriptedOrigin } from '@trivet/kit/testing/scripted-origin.ts';
import type { Policy } from '../define-policy.ts';
import { edgeStand, numbered } from '../testing/stand.ts';

const fresh = ['Cache-Control', 'max-age=60'];

test('[case 71] the health of a backend survives reloads, whether or not its options change', async () => {
  await using sick = await scriptedOrigin((request, reply) =>
    reply.send(request.target === '/ready' ? 500 : 200, fresh, 'sick'),
  );
  const probe = { path: '/ready', interval: '10ms', window: 2, threshold: 1, initial: 1 } as const;
  const policy = (queue: number, initial = 1): Policy => ({
    fetch: () => ({ backend: 'b' }),
    backends: { b: { addresses: [sick.url], queue, probe: { ...probe, initial } } },
  });
  await using stand = await edgeStand(
    numbered(() => ({ fields: fresh })),
    { policy: policy(10) },
  );
  await eventually(async () =>
    assert.equal((await stand.get(`/${stand.origin.requests.length}-${sick.requests.length}`)).status, 503),
  );
  stand.adopt(policy(10));
  assert.equal((await stand.get('/a')).status, 503);
  stand.adopt(policy(20));
  assert.equal((await stand.get('/b')).status, 503);
});

test('[case 32] while every member of its backend is sick, what is stored stands in without asking, longer than its grace', async () => {
  let isWell = true;
  await using origin = await scriptedOrigin((request, reply) => {
    if (request.target === '/ready') return void reply.send(isWell ? 200 : 500);
    reply.send(200, ['Cache-Control', 'max-age=60, stale-while-revalidate=10'], 'page');
  });
  const probe = { path: '/ready', interval: '10ms', window: 2, threshold: 1, initial: 1 } as const;
  await using stand = await edgeStand(
    numbered(() => ({ fields: fresh })),
    { policy: { fetch: () => ({ backend: 'b' }), backends: { b: { addresses: [origin.url], probe } } } },
  );
  await stand.get('/a');
  isWell = false;
  await eventually(() => assert.equal(stand.backends.isHealthy('b'), false));
  stand.clock.advance(600_000);
  const pages = () => origin.requests.filter(({ target }) => target === '/a').length;
  const before = pages();
  const answer = await stand.get('/a');
  assert.deepEqual([answer.status, answer.body], [200, 'page']);
  assert.match(answer.cacheStatus, /hit; ttl=-540; detail="stale-if-error"/);
  assert.equal(pages(), before);
  isWell = true;
  await eventually(() => assert.equal(stand.backends.isHealthy('b'), true));
  assert.match((await stand.get('/a')).cacheStatus, /fwd=stale/);
});
