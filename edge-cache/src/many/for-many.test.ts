import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMetrics } from '@trivet/kit/process/metrics.ts';
import { load } from '@trivet/kit/process/settings.ts';
import { Crew } from '@trivet/kit/process/workers/crew.ts';
import { silentLog } from '@trivet/kit/testing/silent.ts';
import { testAdmin } from '@trivet/kit/testing/test-admin.ts';
import { settings } from '../../settings.ts';
import type { Elsewhere } from '../machine/elsewhere.ts';
import { manyStand, type ScriptedWorker, says } from '../testing/many-stand.ts';
import { countRoutes, forMany } from './for-many.ts';

const purge: Elsewhere = { do: 'purge', orders: [] };
const outdate: Elsewhere = { do: 'outdate', keys: [], host: 'h', groups: [] };

/** The admin API over a crew that has not started any worker yet. */
async function primary(purgeRate: number) {
  await using building = new AsyncDisposableStack();
  const crew = new Crew({ count: 2, folder: '/nowhere', env: {}, timeoutMs: 0, log: silentLog });
  const config = load(settings, { EDGE_ORIGIN: 'http://127.0.0.1:1', EDGE_PURGE_RATE: String(purgeRate) });
  const metrics = openMetrics('edge-cache');
  const own = building.use(new AsyncDisposableStack());
  const many = forMany({ config, crew, log: silentLog, metrics, own, relay: () => undefined });
  const admin = building.use(
    await testAdmin({
      registry: metrics.registry,
      stats: () => many.ownStats?.() ?? {},
      routes: (app) => many.adminRoutes?.(app),
    }),
  );
  const open = building.move();
  const ask = (path: string, body?: object) =>
    fetch(admin.url + path, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
  return { crew, ask, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

test('purges and bans share one rate, and those beyond it are counted', async () => {
  await using edge = await primary(1);
  assert.equal((await edge.ask('/purge', { all: true })).status, 200);
  const late = await edge.ask('/ban', { expression: 'req.url == /' });
  assert.deepEqual([late.status, late.headers.get('retry-after')], [429, '1']);
  assert.deepEqual(await (await edge.ask('/stats')).json(), { answers: { purgesDelayed: 1 } });
  const metrics = await (await edge.ask('/metrics')).text();
  assert.match(metrics, /^trivet_purges_delayed_total\{tier="edge-cache"\} 1$/m);
});

for (const [what, told, status] of [
  ['a purge that a worker was asked for counts', purge, 429],
  ['what a POST has outdated does not count', outdate, 200],
  ['what nobody tells does not count', null, 200],
] as const) {
  test(`${what} for the rate of purges`, async () => {
    await using edge = await primary(1);
    edge.crew.onTold?.(told);
    assert.equal((await edge.ask('/purge', { all: true })).status, status);
  });
}

for (const path of ['/explain?url=/', '/policy', '/log', '/top', '/varnishstat', '/bans']) {
  test(`where no worker is there, GET ${path} says so`, async () => {
    await using edge = await primary(0);
    const response = await edge.ask(path);
    assert.equal(response.status, 503);
    assert.match(await response.text(), /no worker is there/);
  });
}

const hangs: ScriptedWorker = { admin: () => undefined };

for (const [path, body] of [
  ['/top', { by: 'misses', sinceSeconds: 7, urls: [{ url: '/a', count: 2 }] }],
  ['/varnishstat', { version: 1, counters: { 'MAIN.cache_hit': { value: 2 } } }],
] as const) {
  test(`a worker that hangs does not hide what the others tell at GET ${path}`, async () => {
    await using stand = await manyStand([hangs, { admin: says(body) }], countRoutes);
    assert.deepEqual(await stand.json(path), { status: 200, body });
  });
}
